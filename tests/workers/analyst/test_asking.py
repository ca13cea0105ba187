"""The real Ollama client against a server that behaves, and that does not."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import pytest

from core.analyst.answer import read_answer
from core.errors import (
    AnalystError,
    AnalystJunkError,
    AnalystRefusedError,
    AnalystTimeoutError,
    AnalystUnavailableError,
    ModelMissingError,
)
from tests.fakes.ollama_server import JUNK, REFUSAL, Chat, OllamaServer, fenced
from tests.ports import closed_port
from tests.workers.analyst.answers import SCHEMA, answer
from workers.analyst.asking import Question, Reply, ask
from workers.analyst.client import Limits, ModelServer

PATIENT = Limits(connect=10, silence=20, total=40)
CONTEXT = {"last_close": 100.0, "reach": 5.0, "farthest": 10.0}


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    with OllamaServer() as running:
        yield running


def put(server: OllamaServer, model: str = "qwen2.5:3b", limits: Limits = PATIENT, **more: object) -> Reply:
    question = Question(model, "You judge signals.", "Long at 100?", SCHEMA)
    check = partial(read_answer, context=CONTEXT)
    return ask(ModelServer(server.url, limits), question, check, pause=0.0, **more)  # type: ignore[arg-type]


def test_a_good_answer_is_taken_at_once_and_streams_while_it_is_written(server: OllamaServer) -> None:
    server.script = [answer()]
    seen: list[str] = []
    reply = put(server, on_text=seen.append)
    assert (reply.answer.direction, reply.answer.confidence, reply.tries) == ("long", 80, 1)
    assert len(seen) > 3
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen))
    sent = server.chats[0]
    assert sent["format"] == SCHEMA
    assert [one["role"] for one in sent["messages"]] == ["system", "user"]
    assert sent["options"]["temperature"] == 0


@pytest.mark.parametrize(
    ("first", "complaint"),
    [
        (JUNK, "JSON"),
        (answer(leverage=50), "leverage"),
        (answer(stop=101.0), "stop < entry < targets"),
        (answer(direction="short"), "targets < entry < stop"),
        (answer(entry=1000.0, stop=950.0, targets=[1200.0]), "far from the last close"),
        (answer(confidence=150), "confidence"),
        (answer(entry=None), "needs an entry"),
        (answer(reasons=["x" * 5000]), "400 characters"),
        (Chat(answer()[:60], reason="length"), "cut off"),
    ],
)
def test_a_bad_answer_is_shown_back_with_what_is_wrong(server: OllamaServer, first: str | Chat, complaint: str) -> None:
    server.script = [first, fenced(answer())]
    reply = put(server)
    assert reply.tries == 2
    said, told = server.chats[1]["messages"][2:]
    bad = first.text if isinstance(first, Chat) else first
    assert (said["role"], said["content"]) == ("assistant", bad[:2000])
    assert complaint in told["content"]
    assert len(told["content"]) < 600


@pytest.mark.parametrize(
    ("script", "kind", "asked"),
    [
        ([JUNK], AnalystJunkError, 3),
        ([Chat(answer(), reason="length")], AnalystJunkError, 3),
        ([REFUSAL], AnalystRefusedError, 3),
        ([Chat(status=400)], AnalystRefusedError, 1),
        ([Chat(status=503)], AnalystUnavailableError, 3),
        ([Chat(answer(), fault="cut")], AnalystUnavailableError, 3),
        ([Chat(answer(), fault="error")], AnalystUnavailableError, 3),
        ([Chat(fault="html")], AnalystUnavailableError, 3),
    ],
)
def test_what_stays_bad_ends_with_its_reason(
    server: OllamaServer, script: list[Chat | str], kind: type[AnalystError], asked: int
) -> None:
    server.script = script
    with pytest.raises(kind) as caught:
        put(server)
    assert len(server.chats) == asked
    assert caught.value.tries == asked


@pytest.mark.parametrize("trouble", [Chat(status=503), Chat(answer(), fault="cut"), Chat(answer(), fault="error")])
def test_trouble_of_the_server_passes(server: OllamaServer, trouble: Chat) -> None:
    server.script = [trouble, answer()]
    assert put(server).tries == 2
    # The question is simply put again: there is no answer to complain about.
    assert server.chats[1]["messages"] == server.chats[0]["messages"]


def test_a_missing_model_is_not_asked_for_twice(server: OllamaServer) -> None:
    with pytest.raises(ModelMissingError, match=r"does not have the model llama9"):
        put(server, "llama9")
    assert len(server.chats) == 1


@pytest.mark.parametrize("fault", ["drip", "silent"])
def test_neither_a_slow_drip_nor_silence_outlasts_the_deadline(server: OllamaServer, fault: str) -> None:
    server.script = [Chat(fault=fault)]
    with pytest.raises(AnalystTimeoutError):
        put(server, limits=Limits(total=0.3))
    assert len(server.chats) == 1


def test_nobody_there_is_said_at_once() -> None:
    with closed_port() as port, pytest.raises(AnalystUnavailableError, match="No model is reachable at http://127"):
        ModelServer(f"http://127.0.0.1:{port}", PATIENT).version()


def test_what_no_data_base_stores_is_left_out_of_the_text(server: OllamaServer) -> None:
    server.script = ["It may \0go \ud800up."]
    seen: list[str] = []
    said = ModelServer(server.url, PATIENT).chat("qwen2.5:3b", [], None, on_text=seen.append)
    assert (said.text, seen[-1]) == ("It may go up.", "It may go up.")


def test_no_proxy_of_the_environment_gets_between(server: OllamaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with closed_port() as port:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OLLAMA_HOST"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        server.script = [answer()]
        assert put(server).tries == 1


def test_a_picture_goes_as_bytes_and_only_some_models_see(server: OllamaServer) -> None:
    server.script = [answer()]
    there = ModelServer(server.url, PATIENT)
    assert (there.sees("gemma3:4b"), there.sees("qwen2.5:3b")) == (True, False)
    assert there.models() == ["qwen2.5:3b", "gemma3:4b"]
    assert there.version() == "0.30.5"
    question = Question("gemma3:4b", "s", "p", SCHEMA, b"\x89PNG...")
    ask(there, question, read_answer)
    assert base64.b64decode(server.chats[0]["messages"][1]["images"][0]) == b"\x89PNG..."
