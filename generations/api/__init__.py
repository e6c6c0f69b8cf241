"""The REST door: the WaveSpeed v3 API, served."""
