"""A vendor of pictures that speaks WaveSpeed's v3 API over real HTTP and misbehaves on command.

Its counts (`GET /_counts`) are the truth in tests: not what our books say was ordered, but what arrived here.
"""
