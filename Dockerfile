# One image for every tool server; the command names the domain: `docker run divegym serve financial --http 0.0.0.0:8101`.
ARG BASE=python:3.11-slim
FROM ${BASE}

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 DIVEGYM_HOME=/var/lib/divegym
ENV PATH=/opt/venv/bin:$PATH
RUN python3 -m venv /opt/venv
WORKDIR /opt/divegym

# The dependencies change seldom, the sources often: two layers.
COPY requirements/base.lock requirements/
RUN pip install --no-deps --require-hashes -r requirements/base.lock
COPY . .
RUN pip install --no-deps --no-build-isolation .

# The world is built into the image, so that a container starts at once and needs no network.
RUN useradd --system --create-home divegym && install -d -o divegym "$DIVEGYM_HOME"
USER divegym
RUN divegym world build

ENTRYPOINT ["divegym"]
CMD ["--help"]
