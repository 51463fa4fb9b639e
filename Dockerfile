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
RUN python -m venv /app && /app/bin/pip install --no-cache-dir --constraint requirements.txt .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data hlv && mkdir /data && chown hlv:hlv /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 HLV_DATA_DIR=/data
USER hlv
WORKDIR /data
VOLUME /data
EXPOSE 8000
CMD ["hlv", "serve", "--host", "0.0.0.0", "--no-worker"]
