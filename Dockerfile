# One image for every process; the command chooses: `desk web`, `desk worker`, … or all of them: `desk run`.

FROM python:3.12-slim AS build
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /build/venv && \
    venv/bin/pip install --quiet --require-hashes --prefer-binary --requirement requirements.lock
COPY . .
RUN venv/bin/pip wheel --quiet --no-build-isolation --no-deps --wheel-dir wheels .

FROM python:3.12-slim
RUN useradd --system --create-home --home-dir /var/lib/desk desk
COPY requirements-run.lock /tmp/
RUN pip install --quiet --no-cache-dir --require-hashes --prefer-binary --requirement /tmp/requirements-run.lock
COPY --from=build /build/wheels/ /tmp/wheels/
RUN pip install --quiet --no-cache-dir --no-deps /tmp/wheels/*.whl && rm -r /tmp/wheels
USER desk
ENV DESK_HOME=/var/lib/desk
VOLUME /var/lib/desk
EXPOSE 8800 8825
ENTRYPOINT ["desk"]
CMD ["web"]
