FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/dottedline \
 && grep -v '^$' requirements/dev.txt > /tmp/pins.txt \
 && /opt/dottedline/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r /tmp/pins.txt \
 && /opt/dottedline/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 dottedline && install -d -o dottedline -g dottedline /home/dottedline/data
COPY --from=build /opt/dottedline /opt/dottedline
USER 10001
ENV PATH=/opt/dottedline/bin:$PATH DOTTEDLINE_HOST=0.0.0.0 DOTTEDLINE_HOME=/home/dottedline/data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["dottedline"]
CMD ["serve"]
