// The vendor's JavaScript SDK as a command: `node sdk.mjs CALL ARGUMENTS`; its last line is the answer or the error, as JSON.
// @ts-check
import { Client } from "wavespeed";

const [call, given] = process.argv.slice(2);
const client = new Client(process.env.WAVESPEED_API_KEY, { baseUrl: process.env.WAVESPEED_BASE_URL });

try {
  console.log(JSON.stringify({ said: await client[call](...JSON.parse(given)) }));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
}
