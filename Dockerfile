# Builds the pages and the wheel. Everything it downloads is locked by hash: requirements/, web/package-lock.json.
FROM python:3.13-slim AS wheel
WORKDIR /src
COPY requirements requirements
RUN python requirements/install.py dev
COPY web web
RUN mkdir servery && .venv/bin/python web/build.py --strict
COPY . .
RUN .venv/bin/python -m hatchling build -t wheel -d /wheel

# Installs the locked packages and the wheel; nothing is compiled, so nothing needs a compiler.
FROM python:3.13-slim AS installed
COPY requirements/run.lock /run.lock
RUN python -m venv --without-pip /opt/servery \
    && pip --python /opt/servery/bin/python install --no-cache-dir --only-binary :all: --require-hashes -r /run.lock
COPY --from=wheel /wheel /wheel
RUN pip --python /opt/servery/bin/python install --no-cache-dir --no-index --no-deps /wheel/*.whl

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Servery" \
      org.opencontainers.image.description="GraphQL analytics over PostgreSQL" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=installed /opt/servery /opt/servery
ENV PATH=/opt/servery/bin:$PATH \
    PYTHONUNBUFFERED=1
# A model is mounted as model.yml here, or wherever SERVERY_MODEL points.
WORKDIR /srv
# A number, so that a cluster that refuses root can see that it is not root.
USER 10001:10001
EXPOSE 8000
# http.client, because urllib would send the question to a proxy where the environment names one.
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; asked = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('SERVERY_PORT', '8000')), timeout=2); asked.request('GET', '/health/live'); sys.exit(asked.getresponse().status != 200)"]
CMD ["servery", "serve", "--host", "0.0.0.0"]
