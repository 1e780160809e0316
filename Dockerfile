# syntax=docker/dockerfile:1
# gitopsd with what it needs and nothing else; runs as a user without rights, on a file system that
# is read-only but for /tmp and the cache. Pin the base by its digest:
#   docker build --build-arg BASE=python:3.11-slim-bookworm@sha256:… -t gitopsd:0.1.0 .
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock requirements-dev.lock pyproject.toml README.md LICENSE ./
COPY deploy/image ./deploy/image
COPY gitopsd ./gitopsd
COPY examples ./examples
RUN sh deploy/image/build.sh /src /opt/gitopsd

FROM ${BASE}
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git openssh-client gnupg ca-certificates tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 65532 --user-group --no-create-home --home-dir /nonexistent gitopsd
COPY --from=build /opt/gitopsd /opt/gitopsd
ENV PATH=/opt/gitopsd/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp
USER 65532:65532
WORKDIR /config
# The connection that fetches over ssh share leaves its parents: somebody has to bury them.
ENTRYPOINT ["tini", "--", "gitopsd"]
CMD ["--help"]
