# Pinned by tag; pin by digest in your own registry.
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements_api.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements_api.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
RUN useradd --system --uid 10001 --no-create-home router \
 && install -d -o router -g router /data
COPY --from=build /venv /venv
WORKDIR /app
COPY api_server.py ./
COPY api/ api/
COPY chat_models/ chat_models/
COPY drafting/ drafting/
COPY evaluation/ evaluation/
COPY graph/ graph/
COPY protocols/ protocols/
COPY routing/ routing/
COPY scenarios/ scenarios/
COPY threads/ threads/
COPY data/ data/
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["python", "api_server.py"]
