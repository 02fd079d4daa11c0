"""Where Redis is: the address that an operator writes, taken apart.

    redis://user:password@host:6379/0                     one server; rediss:// with TLS
    unix://user:password@/run/redis.sock?db=0             one server, by its socket
    redis+sentinel://user:password@h1:26379,h2/name/0     the primary that Sentinel names
    redis+cluster://user:password@h1:7000,h2:7001         a Cluster

Refusals quote nothing that was given: in a password that is not encoded it could be a part of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

_ENCODE: Final = "in names and passwords, / # ? @ : must be percent-encoded"
_TRUTHS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_PROOFS: Final = ("required", "optional", "none")


class BadAddress(ValueError):
    """`reason` is a clause about the address, without a full stop, that tells the remedy."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The address of Redis is wrong: {reason}.")
        self.reason = reason


class Kind(Enum):
    """What answers at an address."""

    SERVER = "server"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Place:
    """One server: a host and a port, or else the path of a socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.path or f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Login:
    """An ACL user and its password; without a name, the user `default`."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Tls:
    """Without `ca_certs`, the authorities that the system trusts."""

    ca_certs: str | None = None
    certfile: str | None = None
    keyfile: str | None = None
    check_hostname: bool = True
    proof: str = "required"


@dataclass(frozen=True, slots=True)
class Address:
    """`places` are the server, the sentinels, or those nodes of the Cluster that are asked for all others."""

    kind: Kind
    places: tuple[Place, ...]
    login: Login = Login()
    database: int = 0
    tls: Tls | None = None
    service: str = ""
    """What the sentinels call the primary."""
    sentinel_login: Login = Login()


@dataclass(frozen=True, slots=True)
class _Scheme:
    kind: Kind
    port: int
    example: str
    tls: bool = False


_SCHEMES: Final[Mapping[str, _Scheme]] = {
    "redis": _Scheme(Kind.SERVER, 6379, "redis://:password@host:6379/0"),
    "rediss": _Scheme(Kind.SERVER, 6379, "rediss://:password@host:6379/0", tls=True),
    "unix": _Scheme(Kind.SERVER, 0, "unix:///run/redis.sock?db=0"),
    "redis+sentinel": _Scheme(Kind.SENTINEL, 26379, "redis+sentinel://:password@h1:26379,h2:26379/name/0"),
    "rediss+sentinel": _Scheme(
        Kind.SENTINEL, 26379, "rediss+sentinel://:password@h1:26379,h2:26379/name/0", tls=True
    ),
    "redis+cluster": _Scheme(Kind.CLUSTER, 6379, "redis+cluster://:password@h1:6379,h2:6379"),
    "rediss+cluster": _Scheme(Kind.CLUSTER, 6379, "rediss+cluster://:password@h1:6379,h2:6379", tls=True),
}
_LOGIN: Final = ("username", "password")
_SENTINEL: Final = ("sentinel_username", "sentinel_password")
_TLS: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname", "ssl_cert_reqs")


def address_of(url: str) -> Address:
    """Raises BadAddress."""
    name = url.partition("://")[0].lower()
    scheme = _SCHEMES.get(name)
    if scheme is None or "://" not in url:
        raise BadAddress(f"it must begin with {', '.join(f'{each}://' for each in _SCHEMES)}")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadAddress(f"it cannot be read; {_ENCODE}") from None
    if parts.fragment or "@" in parts.query or "@" in parts.path:
        raise BadAddress(f"it cannot be read; {_ENCODE}")
    user, _, hosts = parts.netloc.rpartition("@")
    asked = _parameters(parts.query, scheme)
    service, database = _path_parts(parts.path, scheme)
    return Address(
        kind=scheme.kind,
        places=(_socket(hosts, parts.path),) if name == "unix" else _places(hosts, scheme),
        login=_login(user, asked),
        database=_database(asked.get("db") or database, scheme),
        tls=_tls(asked) if scheme.tls else None,
        service=service,
        sentinel_login=Login(asked.get("sentinel_username"), asked.get("sentinel_password")),
    )


def _parameters(query: str, scheme: _Scheme) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise BadAddress(f"what follows its ? must be name=value pairs joined by &; {_ENCODE}") from None
    taken = _taken_by(scheme)
    for name, _ in pairs:
        if name not in taken:
            raise BadAddress(_untaken(name, taken))
    if len(dict(pairs)) < len(pairs):
        raise BadAddress("it gives a parameter twice; give each once")
    return {name: text for name, text in pairs if text}


def _taken_by(scheme: _Scheme) -> tuple[str, ...]:
    sentinel = _SENTINEL if scheme.kind is Kind.SENTINEL else ()
    return ("db", *_LOGIN, *sentinel, *(_TLS if scheme.tls else ()))


def _untaken(name: str, taken: tuple[str, ...]) -> str:
    if name in _TLS:
        return f"{name} is for TLS: begin it with rediss:// or rediss+... instead"
    if name in _SENTINEL:
        return f"{name} is for sentinels: begin it with redis+sentinel:// instead"
    near = get_close_matches(name, taken, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"it has a parameter that is not known: {hint}those of this kind are {', '.join(taken)}; {_ENCODE}"


def _path_parts(path: str, scheme: _Scheme) -> tuple[str, str]:
    """The service's name and the database, each "" where there is none."""
    if scheme.kind is not Kind.SENTINEL:
        return "", "" if scheme.port == 0 else path.strip("/")
    service, _, database = path.strip("/").partition("/")
    if not service:
        raise BadAddress(f"it lacks the name by which the sentinels know the primary, as in {scheme.example}")
    return unquote(service), database


def _socket(hosts: str, path: str) -> Place:
    if hosts or not path.strip("/"):
        raise BadAddress("a socket's path follows three slashes, as in unix:///run/redis.sock?db=0")
    return Place(path=unquote(path))


def _places(hosts: str, scheme: _Scheme) -> tuple[Place, ...]:
    places = tuple(_place(each, scheme) for each in hosts.split(","))
    if scheme.kind is Kind.SERVER and len(places) > 1:
        raise BadAddress(
            "it names several servers: begin it with redis+sentinel:// or redis+cluster://, or name one"
        )
    return places


def _place(text: str, scheme: _Scheme) -> Place:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadAddress(f"a port must be a number from 1 to 65535; {_ENCODE}") from None
    if not host or port == 0:
        raise BadAddress(f"each server must be host or host:port, as in {scheme.example}")
    return Place(unquote(host), scheme.port if port is None else port)


def _login(user: str, asked: Mapping[str, str]) -> Login:
    username, _, password = user.partition(":")
    return Login(
        asked.get("username") or unquote(username) or None, asked.get("password") or unquote(password) or None
    )


def _database(text: str, scheme: _Scheme) -> int:
    if scheme.kind is Kind.CLUSTER and text not in {"", "0"}:
        raise BadAddress("a Cluster has no database but 0: leave the number out")
    if text and not (text.isascii() and text.isdigit()):
        raise BadAddress(f"the database must be a number, as in {scheme.example}; {_ENCODE}")
    return int(text or 0)


def _tls(asked: Mapping[str, str]) -> Tls:
    check = asked.get("ssl_check_hostname", "true").lower()
    proof = asked.get("ssl_cert_reqs", _PROOFS[0]).lower()
    if check not in _TRUTHS:
        raise BadAddress("ssl_check_hostname must be true or false")
    if proof not in _PROOFS:
        raise BadAddress(f"ssl_cert_reqs must be {', '.join(_PROOFS)}")
    return Tls(
        ca_certs=asked.get("ssl_ca_certs"),
        certfile=asked.get("ssl_certfile"),
        keyfile=asked.get("ssl_keyfile"),
        check_hostname=_TRUTHS[check] and proof != "none",
        proof=proof,
    )
