# syntax=docker/dockerfile:1
# gitopsd with what it needs and nothing else; runs as a user without rights.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /src
RUN python -m venv /opt/gitopsd
ENV PATH=/opt/gitopsd/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock requirements-dev.lock ./
# The build backend comes from a lock as well; it stays behind in this stage.
RUN python -m pip install --require-hashes -r requirements.lock \
 && python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --require-hashes -r requirements-dev.lock
COPY pyproject.toml README.md LICENSE ./
COPY gitopsd ./gitopsd
COPY examples ./examples
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --no-index -w /dist . \
 && python -m pip install --no-deps --no-index /dist/*.whl \
 && python -m pip uninstall --yes pip setuptools

FROM python:${PYTHON}
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git openssh-client ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 65532 --user-group --no-create-home --home-dir /nonexistent gitopsd
COPY --from=build /opt/gitopsd /opt/gitopsd
ENV PATH=/opt/gitopsd/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GITOPSD_CACHE_DIR=/tmp/gitopsd
USER 65532:65532
WORKDIR /config
ENTRYPOINT ["gitopsd"]
CMD ["--help"]
