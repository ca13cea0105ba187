# One image for dashboard, workers and scheduler: docker-compose.yml says which command each one runs.
FROM python:3.12-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --uid 10001 chartroom && install -d -o chartroom -g chartroom /data

WORKDIR /app
COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir --constraint constraints.txt --requirement requirements.txt

COPY .streamlit .streamlit
COPY core core
COPY db db
COPY workers workers
COPY dashboard dashboard
COPY pages pages

ENV PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    CHARTROOM_HOME=/data \
    BROWSER_PATH=/usr/bin/chromium

USER chartroom
VOLUME /data
EXPOSE 8501
CMD ["python", "-m", "workers", "dashboard"]
