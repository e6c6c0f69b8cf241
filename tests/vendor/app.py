"""The vendor's endpoints, each behind the faults that are laid down for it."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from generations import catalog
from tests.vendor.account import FLUX, FLUX_IMAGE, OPTIMIZER, PRICES_MICROUSD, Account, Prediction, Refused, Settings
from tests.vendor.faults import Faults, Rule, refusal, spoiled
from tests.vendor.files import Files, enveloped
from tests.vendor.hooks import Hooks
from tests.vendor.wire import Reply, Request

Handler = Callable[[Request, "re.Match[str]", "Rule | None"], Awaitable[Reply]]
_OPEN = frozenset({"output", "file", "put"})
"""Endpoints that ask for no key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    endpoint: str
    methods: str
    path: re.Pattern[str]
    handler: Handler


class Vendor:
    """The whole vendor; `answer` is what the wire calls."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.start_over(origin="")

    def start_over(self, origin: str) -> None:
        """Forget every order, count and fault; the settings stay."""
        self.faults = Faults()
        self.account = Account(self.settings, self.faults)
        self.files = Files(self.account)
        self.files.origin = origin
        self.hooks = Hooks(self.account)
        self.account.on_end = lambda prediction: self.hooks.ended(prediction, self._webhook(prediction))
        self._routes = self._table()

    async def answer(self, request: Request) -> Reply:
        if request.path.startswith("/_"):
            return self._control(request)
        for route in self._routes:
            match = route.path.fullmatch(request.path)
            if match is not None and request.method in route.methods:
                return await self._answered(route, request, match)
        return refusal(404, "no such endpoint")

    async def _answered(self, route: Route, request: Request, match: re.Match[str]) -> Reply:
        self.account.requests[route.endpoint] += 1
        rule = self.faults.take(route.endpoint, self._prompt(request, match))
        if rule is not None and rule.is_before:
            return self._counted(spoiled(rule, Reply()))
        if route.endpoint not in _OPEN and not self._is_known(request):
            return self._counted(refusal(401, "invalid api key"))
        try:
            reply = await route.handler(request, match, rule)
        except Refused as refused:
            reply = refusal(refused.status, refused.message, retry_after=refused.retry_after)
        except ValueError:
            reply = refusal(400, "malformed value")
        return self._counted(reply if rule is None else spoiled(rule, reply))

    def _counted(self, reply: Reply) -> Reply:
        if reply.status >= 400:
            self.account.refused[reply.status] += 1
        return reply

    def _is_known(self, request: Request) -> bool:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and bool(key) and self.settings.key in ("", key)

    def _prompt(self, request: Request, match: re.Match[str]) -> str:
        named = match.groupdict().get("id")
        if named:
            prediction = self.account.predictions.get(named)
            return prediction.prompt if prediction else ""
        raw = request.json() if request.method == "POST" and request.body[:1] == b"{" else {}
        return str(raw.get("prompt", raw.get("text", "")))

    def _table(self) -> list[Route]:
        files = self.files
        rows: list[tuple[str, str, str, Handler]] = [
            ("result", "GET", r"/api/v[23]/predictions/(?P<id>\w+)(/result)?", self._result),
            ("list", "GET POST", r"/api/v3/predictions", self._list),
            ("delete", "POST DELETE", r"/api/v3/predictions/(delete|\w+)", self._delete),
            ("balance", "GET", r"/api/v3/balance", self._balance),
            ("models", "GET", r"/api/v3/models", self._models),
            ("pricing", "POST", r"/api/v3/model/(pricing|price)", self._pricing),
            ("ticket", "POST", r"/api/v3/media/uploads", lambda request, _, __: _now(files.ticket(request))),
            ("upload", "POST", r"/api/v[23]/(media/upload/binary|upload)", lambda request, _, __: _now(files.upload(request))),
            ("put", "PUT", r"/storage/(\w+)", lambda request, match, _: _now(files.put(request, match[1]))),
            ("file", "GET", r"/uploads/(\w+)/.*", lambda _, match, __: _now(files.uploaded(match[1]))),
            ("output", "GET", r"/outputs/(?P<id>\w+)/(?P<number>\d)\.\w+", self._output),
            ("secret", "GET", r"/api/v3/webhook/secret", lambda *_: _now(enveloped({"secret": self.account.secret}))),
            ("submit", "POST", rf"/api/v3/({FLUX_IMAGE}|{FLUX}|{OPTIMIZER})", self._submit),
        ]
        return [
            Route(endpoint=endpoint, methods=methods, path=re.compile(path), handler=handler)
            for endpoint, methods, path, handler in rows
        ]

    async def _submit(self, request: Request, match: re.Match[str], rule: Rule | None) -> Reply:
        raw = request.json()
        webhook = request.query.get("webhook") or str(raw.get("webhook_url") or "")
        prediction = self.account.order(match[1], raw, webhook)
        hook_fault = prediction.webhook_rule.fault if prediction.webhook_rule else ""
        if hook_fault == "early":
            self.account.finish(prediction)
            await self.hooks.tell_now(prediction, self._webhook(prediction))
        elif hook_fault == "forged":
            await self.hooks.forge(prediction)
        if raw.get("enable_sync_mode"):
            return enveloped(await self._awaited(prediction, raw))
        return enveloped(self.described(prediction, status="created"))

    async def _awaited(self, prediction: Prediction, raw: Mapping[str, object]) -> dict[str, object]:
        try:
            async with asyncio.timeout(self.settings.sync_wait_s):
                await prediction.ended.wait()
        except TimeoutError:
            waited = f"Sync mode timed out after {self.settings.sync_wait_s:.0f} seconds. Ask for the result later."
            return {**self.described(prediction), "status": "processing", "code": 5004, "error": waited}
        said = self.described(prediction)
        if raw.get("enable_base64_output") and prediction.model != OPTIMIZER and said["outputs"]:
            body = (await asyncio.to_thread(self.files._good, prediction)).body
            said["outputs"] = [base64.b64encode(body).decode()]
        return said

    async def _result(self, request: Request, match: re.Match[str], rule: Rule | None) -> Reply:
        prediction = self.account.predictions.get(match["id"])
        if prediction is None:
            raise Refused(404, "prediction not found")
        said = self.described(prediction)
        if rule is not None and rule.fault == "unknown_word":
            said["status"] = str(rule.options.get("word", "percolating"))
        if rule is not None and rule.fault == "wrong_id":
            said["id"] = "f" * 32
        return enveloped(said)

    async def _list(self, request: Request, match: re.Match[str], rule: Rule | None) -> Reply:
        order = request.json() if request.method == "POST" else dict(request.query)
        found, total = self.account.listed(order)
        with_inputs = str(order.get("include_inputs", "")).lower() == "true"
        items = [{**self.described(entry), **({"inputs": entry.inputs} if with_inputs else {})} for entry in found]
        return enveloped({"page": int(str(order.get("page", 1))), "items": items, "total": total})

    async def _delete(self, request: Request, match: re.Match[str], rule: Rule | None) -> Reply:
        named = request.json().get("ids") if match[1] == "delete" else [match[1]]
        ids = named if isinstance(named, list) else []
        return enveloped({"deleted_count": sum(self.account.predictions.pop(str(id_), None) is not None for id_ in ids)})

    async def _balance(self, request: Request, match: re.Match[str], rule: Rule | None) -> Reply:
        return enveloped({"balance": self.account.balance_microusd / 1_000_000})

    async def _models(self, request: Request, match: re.Match[str], rule: Rule | None) -> Reply:
        entries = {model: catalog.load("prompt-optimizer" if model == OPTIMIZER else "flux-srpo") for model in PRICES_MICROUSD}
        return enveloped([_model(model, PRICES_MICROUSD[model] / 1_000_000, entry) for model, entry in entries.items()])

    async def _pricing(self, request: Request, match: re.Match[str], rule: Rule | None) -> Reply:
        model = str(request.json().get("model_id"))
        if model not in PRICES_MICROUSD:
            raise Refused(404, "model not found")
        price = PRICES_MICROUSD[model] / 1_000_000
        prices = {"unit_price": price, "price": price, "discounted_price": price, "currency": "USD"}
        return enveloped({"model_id": model, **prices})

    async def _output(self, request: Request, match: re.Match[str], rule: Rule | None) -> Reply:
        return await self.files.output(request, match["id"], match["number"], rule)

    def described(self, prediction: Prediction, status: str = "") -> dict[str, object]:
        """Return a prediction as the vendor shows it."""
        done = prediction.status == "completed" and not status
        nsfw = prediction.task_rule is not None and prediction.task_rule.fault == "nsfw"
        outputs = self._text(prediction) if prediction.model == OPTIMIZER else self.files.outputs(prediction)
        return {
            "id": prediction.id,
            "model": prediction.model,
            "outputs": outputs if done else [],
            "urls": {"get": f"{self.files.origin}/api/v3/predictions/{prediction.id}/result"},
            "has_nsfw_contents": [nsfw] * len(outputs) if done else [],
            "status": status or prediction.status,
            "created_at": prediction.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f000Z"),
            "error": prediction.error,
            "executionTime": prediction.inference_ms,
            "timings": {"inference": prediction.inference_ms},
            "code": prediction.code,
        }

    def _text(self, prediction: Prediction) -> list[str]:
        fault = prediction.task_rule.fault if prediction.task_rule else ""
        phrases = "" if prediction.inputs.get("style", "default") == "default" else f", {prediction.inputs['style']}"
        text = f"{prediction.prompt}{phrases}, in soft evening light, finely detailed, balanced composition"
        return [] if fault == "no_outputs" else [text]

    def _webhook(self, prediction: Prediction) -> dict[str, object]:
        return {**self.described(prediction), "input": prediction.inputs}

    def _control(self, request: Request) -> Reply:
        """Answer the tests: lay down and lift faults, change settings, count, start over."""
        if request.path == "/_control" and request.method == "DELETE":
            self.faults.rules.clear()
        elif request.path == "/_control":
            try:
                for raw in json.loads(request.body):
                    self.faults.add(raw)
            except (ValueError, TypeError) as error:
                return refusal(400, str(error).replace('"', "'"))
        elif request.path == "/_settings":
            self.settings.change(request.json())
        elif request.path == "/_reset":
            self.start_over(self.files.origin)
        elif request.path != "/_counts":
            return refusal(404, "no such control")
        return Reply(body=json.dumps(self.account.counts()).encode())


async def _now(reply: Reply) -> Reply:
    return reply


def _model(model: str, price: float, entry: catalog.Entry) -> dict[str, object]:
    schema = {
        "type": "model_run",
        "method": "POST",
        "server": "https://api.wavespeed.ai",
        "api_path": f"/api/v3/{model}",
        "request_schema": entry.request_schema,
    }
    kind = "text-to-text" if model == OPTIMIZER else "image-to-image" if model == FLUX_IMAGE else "text-to-image"
    said: dict[str, object] = {"model_id": model, "name": model, "description": entry.description, "type": kind}
    return {**said, "base_price": price, "formula": "", "sort_order": 1, "api_schema": {"api_schemas": [schema]}}
