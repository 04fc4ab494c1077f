# smartcut in a container, on processors alone; docs/container.md says how it is used.
#
#   docker build --target smartcut -t smartcut .      the command
#   docker build -t smartcut-demo .                   the same, with the demo's footage and pipelines

FROM python:3.12-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/smartcut
WORKDIR /src

# First what changes seldom, so that a change of the code downloads nothing.
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY tools/requirements.py tools/
RUN /opt/smartcut/bin/pip install --no-deps -c constraints.txt \
        --index-url https://download.pytorch.org/whl/cpu torch torchvision \
    && python tools/requirements.py pyproject.toml > requirements.txt \
    && /opt/smartcut/bin/pip install -c constraints.txt -r requirements.txt

COPY smartcut smartcut
RUN /opt/smartcut/bin/pip install --no-deps .
ENV SMARTCUT_MODELS=/opt/models
RUN /opt/smartcut/bin/smartcut models pull whisper-tiny.en transnetv2 efficientnet-lite0 \
        minilm-l6-v2 rife-4.6 blazeface centerface voice-embedding


FROM python:3.12-slim-bookworm AS smartcut

# What OpenCV and its window toolkit are linked against.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 libsm6 libxext6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 smartcut \
    && mkdir -m 1777 /cache /work

COPY --from=build /opt/smartcut /opt/smartcut
COPY --from=build /opt/models /opt/models
ENV PATH=/opt/smartcut/bin:$PATH SMARTCUT_MODELS=/opt/models SMARTCUT_CACHE=/cache

USER 1000
WORKDIR /work
VOLUME ["/cache"]
ENTRYPOINT ["smartcut"]
CMD ["--help"]


FROM smartcut AS demo

WORKDIR /demo
COPY pipelines pipelines
COPY sample_media sample_media
CMD ["run", "pipelines/highlight_reel.yaml", "sample_media/harbour.mp4", \
     "sample_media/match.mp4", "sample_media/sky.mp4", "--set", "duration=30s", \
     "--set", "music=sample_media/music.m4a", "--set", \
     "prompt=[a sailing boat, a soccer ball in a goal, hot-air balloons]", "-o", "/work/reel.mp4"]
