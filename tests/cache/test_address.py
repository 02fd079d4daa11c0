import re

import pytest

from cache.address import Address, BadAddress, Kind, Login, Place, Tls, address_of

SECRET = "hunter2"

ADDRESSES = {
    "redis://cache": Address(Kind.SERVER, (Place("cache", 6379),)),
    "redis://cache:7000/": Address(Kind.SERVER, (Place("cache", 7000),)),
    "REDIS://cache/3": Address(Kind.SERVER, (Place("cache", 6379),), database=3),
    "redis://cache?db=4": Address(Kind.SERVER, (Place("cache", 6379),), database=4),
    "redis://[::1]:7000/1": Address(Kind.SERVER, (Place("::1", 7000),), database=1),
    "redis://:pw@cache": Address(Kind.SERVER, (Place("cache", 6379),), Login(None, "pw")),
    "redis://ana:p%40%2F%23@cache": Address(Kind.SERVER, (Place("cache", 6379),), Login("ana", "p@/#")),
    "redis://ana:a:b@cache": Address(Kind.SERVER, (Place("cache", 6379),), Login("ana", "a:b")),
    "rediss://cache": Address(Kind.SERVER, (Place("cache", 6379),), tls=Tls()),
    "rediss://cache?ssl_cert_reqs=none": Address(
        Kind.SERVER, (Place("cache", 6379),), tls=Tls(check_hostname=False, proof="none")
    ),
    "rediss://cache?ssl_ca_certs=/a%20b/ca.pem&ssl_certfile=c&ssl_keyfile=k&ssl_check_hostname=no": Address(
        Kind.SERVER,
        (Place("cache", 6379),),
        tls=Tls(ca_certs="/a b/ca.pem", certfile="c", keyfile="k", check_hostname=False),
    ),
    "unix:///run/redis.sock": Address(Kind.SERVER, (Place(path="/run/redis.sock"),)),
    "unix://ana:pw@/run/a%20b.sock?db=2": Address(
        Kind.SERVER, (Place(path="/run/a b.sock"),), Login("ana", "pw"), database=2
    ),
    "unix:///run/redis.sock?password=pw": Address(
        Kind.SERVER, (Place(path="/run/redis.sock"),), Login(None, "pw")
    ),
    "redis+sentinel://ana:pw@h1:26380,h2/main/2?sentinel_username=eva&sentinel_password=spw": Address(
        Kind.SENTINEL,
        (Place("h1", 26380), Place("h2", 26379)),
        Login("ana", "pw"),
        database=2,
        service="main",
        sentinel_login=Login("eva", "spw"),
    ),
    "rediss+sentinel://h1,[::1]:5/my%20main": Address(
        Kind.SENTINEL, (Place("h1", 26379), Place("::1", 5)), tls=Tls(), service="my main"
    ),
    "redis+cluster://:pw@h1:7000,h2": Address(
        Kind.CLUSTER, (Place("h1", 7000), Place("h2", 6379)), Login(None, "pw")
    ),
    "redis+cluster://h1/0": Address(Kind.CLUSTER, (Place("h1", 6379),)),
    "rediss+cluster://h1": Address(Kind.CLUSTER, (Place("h1", 6379),), tls=Tls()),
}

REFUSED = {
    "": "must begin with redis://, rediss://, unix://, redis+sentinel://",
    f"cache:6379/{SECRET}": "must begin with",
    f"redis:/{SECRET}": "must begin with",
    f"redis+cache://{SECRET}": "must begin with",
    "redis://": "each server must be host or host:port, as in redis://:password@host:6379/0",
    "redis://:7000": "each server must be",
    "redis://cache:0": "each server must be",
    f"redis://:a@cache:{SECRET}": "a port must be a number from 1 to 65535",
    "redis://cache:65536": "a port must be a number",
    "redis://[::1": "cannot be read",
    f"redis://:{SECRET}#@cache:6379": "must be percent-encoded",
    f"redis://:{SECRET}/@cache:6379": "must be percent-encoded",
    f"redis://:{SECRET}/x": "must be percent-encoded",
    f"redis://:a?{SECRET}@cache": "must be percent-encoded",
    f"redis://:a?{SECRET}": "name=value pairs",
    f"redis://cache/{SECRET}": "the database must be a number",
    "redis://cache/-1": "the database must be a number",
    "redis://cache/٣": "the database must be a number",
    "redis://h1,h2": "names several servers: begin it with redis+sentinel:// or redis+cluster://",
    "redis://cache?ssl_ca_certs=ca.pem": "ssl_ca_certs is for TLS: begin it with rediss://",
    "redis://cache?sentinel_password=x": "sentinel_password is for sentinels",
    "rediss://cache?ssl_ca_cert=ca.pem": "did you mean ssl_ca_certs?",
    f"rediss://cache?{SECRET}=1": "has a parameter that is not known",
    "redis://cache?db=1&db=2": "gives a parameter twice",
    f"rediss://cache?ssl_check_hostname={SECRET}": "ssl_check_hostname must be true or false",
    f"rediss://cache?ssl_cert_reqs={SECRET}": "ssl_cert_reqs must be required, optional, none",
    "unix://run/redis.sock": "follows three slashes",
    "unix://": "follows three slashes",
    "redis+sentinel://h1,h2": "lacks the name by which the sentinels know the primary, as in redis+sentinel://",
    "redis+sentinel://h1/": "lacks the name",
    f"redis+sentinel://h1/main/{SECRET}": "the database must be a number",
    "redis+sentinel://h1,/main": "each server must be",
    "redis+cluster://h1/1": "a Cluster has no database but 0",
    "redis+cluster://h1?db=1": "a Cluster has no database but 0",
    "redis+cluster://h1,,h2": "each server must be",
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_is_taken_apart(url: str) -> None:
    assert address_of(url) == ADDRESSES[url]


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_none_is_refused_with_the_remedy(url: str) -> None:
    with pytest.raises(BadAddress, match=re.escape(REFUSED[url])) as refused:
        address_of(url)

    assert str(refused.value) == f"The address of Redis is wrong: {refused.value.reason}."


@pytest.mark.parametrize("url", [url for url in REFUSED if SECRET in url])
def test_no_refusal_quotes_what_could_be_a_password(url: str) -> None:
    with pytest.raises(BadAddress) as refused:
        address_of(url)

    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_password_is_in_no_repr() -> None:
    url = f"redis+sentinel://ana:{SECRET}@h1/main?sentinel_password={SECRET}"

    assert SECRET not in repr(address_of(url))


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("cache", 6379), "cache:6379"),
        (Place("::1", 6379), "[::1]:6379"),
        (Place(path="/run/redis.sock"), "/run/redis.sock"),
    ],
)
def test_a_place_is_shown_as_it_is_written(place: Place, text: str) -> None:
    assert str(place) == text
