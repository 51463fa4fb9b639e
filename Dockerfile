# One image for the pages and the workers; docker-compose.yml says which is which.
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE requirements.txt ./
COPY hlv hlv
COPY annotations annotations
COPY metaeval metaeval
COPY templates templates
COPY static static
# requirements.txt names more than is needed to run: as constraints it only fixes the versions.
RUN python -m venv /app && /app/bin/pip install --no-cache-dir --constraint requirements.txt ".[oidc,metrics]"

FROM python:3.13-slim
# pg_dump and pg_restore, of the server's version or a later one, for `hlv backup` and `hlv restore`.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data hlv && mkdir /data /backups && chown hlv:hlv /data /backups
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HLV_DATA_DIR=/data
USER hlv
WORKDIR /data
VOLUME /data
EXPOSE 8000
# The root is read-only under compose: all that is written goes to /data, /backups and /tmp.
CMD ["hlv", "serve", "--host", "0.0.0.0", "--no-worker"]
