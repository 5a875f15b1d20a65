"""Real PostgreSQL and Valkey on a laptop, from Python wheels, on private sockets. Development and tests only.

`running_servers(profile)` gives the addresses; `Processes` runs web, worker and beat. A production install does not
have the wheels and never comes here.
"""

from infra.servers.embedded import ServersBusy, running_servers
from infra.servers.files import Profile, ServerFailed
from infra.servers.processes import ProcessDied, Processes

__all__ = ["ProcessDied", "Processes", "Profile", "ServerFailed", "ServersBusy", "running_servers"]
