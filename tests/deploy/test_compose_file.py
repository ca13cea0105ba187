"""docker-compose.yml and Dockerfile by the rules, without a container engine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.deploy.compose import ROOT, MissingVariableError, load

PASSWORDS = {"POSTGRES_PASSWORD": "pw1", "REDIS_PASSWORD": "pw2"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture
def services():
    return load(PASSWORDS)["services"]


def test_is_valid_by_the_compose_specification():
    schema = json.loads((Path(__file__).parent / "compose_spec.json").read_text())
    validator = jsonschema.Draft201909Validator(schema)
    for document in (yaml.safe_load((ROOT / "docker-compose.yml").read_text()), load(PASSWORDS)):
        assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize("missing", sorted(PASSWORDS))
def test_no_password_has_a_default(missing: str):
    with pytest.raises(MissingVariableError, match=missing):
        load({name: value for name, value in PASSWORDS.items() if name != missing})


def test_every_service_that_stays_has_a_health_check(services):
    assert set(services) == {"postgres", "redis", "prepare", "worker", "broker", "scheduler", "dashboard", "ollama"}
    assert [name for name, service in services.items() if "healthcheck" not in service] == ["prepare"]


def test_everybody_waits_for_tables_and_queue(services):
    for name in ("worker", "broker", "scheduler", "dashboard"):
        assert services[name]["depends_on"] == {
            "prepare": {"condition": "service_completed_successfully"},
            "redis": {"condition": "service_healthy"},
        }
    assert services["prepare"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_only_the_dashboard_is_published_and_on_loopback(services):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"dashboard": ["127.0.0.1:8501:8501"]}


def test_workers_can_be_scaled(services):
    assert "container_name" not in services["worker"]
    assert "ports" not in services["worker"]


def test_there_is_one_owner_of_the_brokers_and_it_reaches_a_gateway_of_the_host(services):
    assert services["broker"]["deploy"] == {"replicas": 1}
    assert services["broker"]["extra_hosts"] == ["host.docker.internal:host-gateway"]


def test_ollama_comes_on_request_only(services):
    assert [name for name, service in services.items() if "profiles" in service] == ["ollama"]


def test_volumes_are_declared(services):
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert used == set(load(PASSWORDS)["volumes"])


def test_image_holds_every_package_and_does_not_run_as_root():
    copied = re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE)
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages <= set(copied)
    assert all((ROOT / name).exists() for name in copied)
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["chartroom"]
    assert "--constraint constraints.txt" in DOCKERFILE
