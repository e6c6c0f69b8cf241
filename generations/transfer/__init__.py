"""Pictures on their way out and in: downloads, ZIPs, imports, and a whole gallery that moves to another server."""
