"""Grafana's dashboards, written by code: `python -m deploy.grafana`."""
