"""The embedded servers: they come up, they go away, and they recover from whatever was left behind."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from infra.servers import ProcessDied, Processes, Profile, ServerFailed, ServersBusy, embedded, files, running_servers
from infra.servers.children import command_line, stop_leftover, wait_until
from infra.servers.embedded import connect_superuser

# Each test has a profile of its own, so that nothing here touches the servers the suite runs on.
pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def _no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite's own addresses would win."""
    for name in [name for name in os.environ if name.endswith("_URL")]:
        monkeypatch.delenv(name)


@pytest.fixture
def profile(request: pytest.FixtureRequest) -> Iterator[Profile]:
    made = Profile(f"own-{os.getpid()}-{abs(hash(request.node.nodeid)) % 10**6}", fast=True)
    yield made
    # Some tests end in a kill -9; the sockets it leaves would stay until a next start that never comes.
    embedded.clear_leftovers(files.control_directory() / made.name)
    shutil.rmtree(files.control_directory() / made.name, ignore_errors=True)
    shutil.rmtree(files.data_base(files.account()) / made.name, ignore_errors=True)


@pytest.fixture
def holder(profile: Profile) -> Iterator[Callable[..., tuple[subprocess.Popen[str], dict[str, str]]]]:
    """Starts another process that holds the servers of the profile."""
    started: list[subprocess.Popen[str]] = []

    def start(*, without_death_signal: bool = False) -> tuple[subprocess.Popen[str], dict[str, str]]:
        code = f"""
            import json, time
            from infra.servers import Profile, embedded, running_servers
            if {without_death_signal}:
                embedded.die_with_parent = lambda number: None
            with running_servers(Profile({profile.name!r}, fast=True)) as environment:
                print(json.dumps(environment), flush=True)
                time.sleep(60)
        """
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True, cwd=files.CHECKOUT
        )
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the holder did not start"
        return process, json.loads(line)

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _state(profile: Profile) -> dict[str, str]:
    state: dict[str, str] = json.loads((files.control_directory() / profile.name / "state.json").read_text())
    return state


def _postmaster(profile: Profile) -> int:
    return int((Path(_state(profile)["data"]) / "postmaster.pid").read_text().splitlines()[0])


def _login(url: str) -> tuple[object, ...]:
    with psycopg.connect(url.replace("postgres://", "postgresql://")) as connection:
        row = connection.execute("SELECT current_user, current_database()").fetchone()
    assert row is not None
    return row


def test_four_logins_on_sockets_that_nobody_else_can_reach(profile: Profile) -> None:
    with running_servers(profile) as environment:
        assert _login(environment["DATABASE_URL"]) == ("eenplan_app", "eenplan")
        assert _login(environment["DATABASE_OWNER_URL"]) == ("eenplan_owner", "eenplan")
        assert _login(environment["DATABASE_WORKER_URL"]) == ("eenplan_worker", "eenplan")
        assert _login(environment["DATABASE_READ_URL"]) == ("eenplan_read", "eenplan")
        sockets = Path(environment["EENPLAN_SOCKETS"])
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        with connect_superuser(sockets) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert not sockets.exists()


def test_data_stays_between_runs(profile: Profile) -> None:
    with running_servers(profile) as environment, connect_superuser(environment["EENPLAN_SOCKETS"]) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    with running_servers(profile) as environment, connect_superuser(environment["EENPLAN_SOCKETS"]) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_throw_away_pair_leaves_nothing_behind() -> None:
    with running_servers(Profile("gone", throwaway=True, fast=True)) as environment:
        sockets = Path(environment["EENPLAN_SOCKETS"])
        with connect_superuser(sockets) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    assert not sockets.exists()
    assert not Path(str(row[0])).exists()


def test_a_bad_setting_ends_at_once_with_the_servers_own_log(profile: Profile) -> None:
    begin = time.monotonic()
    with (
        pytest.raises(ServerFailed, match="shared_buffers"),
        running_servers(profile, settings={"shared_buffers": "a lot"}),
    ):
        pass
    assert time.monotonic() - begin < 10


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_after_kill_9_of_the_supervisor_its_servers_end_by_themselves(
    profile: Profile, holder: Callable[..., tuple[subprocess.Popen[str], dict[str, str]]]
) -> None:
    process, _ = holder()
    postmaster = _postmaster(profile)
    process.kill()
    assert wait_until(lambda: not command_line(postmaster), 10)


def test_servers_that_outlived_a_killed_supervisor_are_stopped_at_the_next_start(
    profile: Profile, holder: Callable[..., tuple[subprocess.Popen[str], dict[str, str]]]
) -> None:
    process, before = holder(without_death_signal=True)
    postmaster, valkey = _postmaster(profile), int(_state(profile)["valkey_pid"])
    process.kill()
    process.wait()
    assert command_line(postmaster)
    with running_servers(profile) as environment:
        assert not command_line(postmaster)
        assert not command_line(valkey)
        assert _login(environment["DATABASE_URL"]) == ("eenplan_app", "eenplan")
    assert not Path(before["EENPLAN_SOCKETS"]).exists()


def test_a_process_that_only_has_the_number_of_ours_is_left_alone() -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    try:
        assert not stop_leftover(stranger.pid, "eenplan-not-this-one", (signal.SIGTERM,))
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_process_uses_the_running_servers_and_leaves_them_running(
    profile: Profile, holder: Callable[..., tuple[subprocess.Popen[str], dict[str, str]]]
) -> None:
    _, theirs = holder()
    with running_servers(profile, attach=True) as ours:
        assert ours == theirs
    assert _login(theirs["DATABASE_URL"]) == ("eenplan_app", "eenplan")


def test_a_second_process_that_wants_servers_of_its_own_is_told_who_has_them(
    profile: Profile, holder: Callable[..., tuple[subprocess.Popen[str], dict[str, str]]]
) -> None:
    process, _ = holder()
    with pytest.raises(ServersBusy, match=str(process.pid)), running_servers(profile):
        pass


def test_addresses_in_the_environment_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me@db.example/theirs")
    monkeypatch.setenv("REDIS_URL", "redis://redis.example/0")
    with running_servers(Profile("never-started")) as environment:
        assert environment == {}
    assert not (files.control_directory() / "never-started").exists()


def test_a_child_that_dies_takes_all_down_and_its_last_words_are_shown() -> None:
    with Processes({}, quiet=True) as processes:
        steady = processes.start(
            "worker", [sys.executable, "-c", "import time; print('up'); time.sleep(60)"], ready="up"
        )
        processes.start(
            "web",
            [sys.executable, "-c", "import time; print('up'); time.sleep(.3); raise SystemExit('disk full')"],
            ready="up",
        )
        with pytest.raises(ProcessDied, match="web ended with 1") as died:
            processes.run()
        assert "disk full" in str(died.value)
    assert steady.poll() is not None


def test_a_child_that_never_gets_ready_is_reported_with_its_output() -> None:
    with Processes({}, quiet=True) as processes, pytest.raises(ProcessDied, match="no module called shop"):
        processes.start("web", [sys.executable, "-c", "raise SystemExit('no module called shop')"], ready="up")
