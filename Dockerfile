# docker build -t debate .
# One image for nodes and for `debate` commands; compose.yaml shows them at work.

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /srv/debate/venv
COPY requirements.txt build-constraints.txt ./
RUN /srv/debate/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps \
    --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY debate debate
COPY templates templates
COPY static static
COPY migrations migrations
# Older pip reads the first name, newer pip the second.
RUN PIP_CONSTRAINT=build-constraints.txt PIP_BUILD_CONSTRAINT=build-constraints.txt \
    /srv/debate/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /srv/debate --shell /usr/sbin/nologin debate \
    && install -d -m 700 -o debate -g debate /srv/debate/data
COPY --from=build /srv/debate/venv /srv/debate/venv
COPY deploy/healthcheck.py /srv/debate/healthcheck.py
ENV PATH=/srv/debate/venv/bin:$PATH DEBATE_HOST=0.0.0.0 DEBATE_INSTANCE=/srv/debate/data
USER debate
WORKDIR /srv/debate
EXPOSE 5000
# SIGTERM goes to the server itself, which stops within 30 seconds: give it 35.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s CMD ["python", "/srv/debate/healthcheck.py", "/livez"]
CMD ["debate", "serve"]
