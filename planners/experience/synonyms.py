"""Words and phrases of goals that say the same, each brought to one of them.

A small table of what goals about software are full of: abbreviations, spellings, and few phrases. Words that are merely
near each other (authentication and authorization, data and database) stay apart, since a plan for one does not do for
the other.
"""

import re
from functools import lru_cache

_SAME = {
    "admin": "administration, administrator, administrators, admins",
    "app": "application, applications, apps",
    "auth": "authentication",
    "backend": "back-end, back end",
    "cli": "command-line, command line",
    "config": "configuration, configurations, configs",
    "database": "databases, data base, db, dbs",
    "docs": "documentation",
    "email": "e-mail, e-mails, emails",
    "env": "environment, environments, envs",
    "frontend": "front-end, front end",
    "javascript": "js",
    "kubernetes": "k8s",
    "login": "log-in, sign-in, signin, logins",
    "microservice": "micro-service, micro-services, micro service, micro services, microservices",
    "of": "that shows, which shows, showing, that displays, which displays, displaying",
    "postgresql": "postgres",
    "realtime": "real-time, real time",
    "repo": "repository, repositories, repos",
    "search": "full-text search, full text search, searchable",
    "signup": "sign-up",
    "sso": "single sign-on",
    "typescript": "ts",
    "ui": "user interface, user interfaces",
    "website": "web site, web sites, websites",
}
_ONE_OF = {each.strip(): word for word, others in _SAME.items() for each in others.split(",")}
_LONGEST_FIRST = sorted(_ONE_OF, key=lambda each: (-len(each), each))
_EITHER = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})(?![\w-])", re.IGNORECASE)


@lru_cache(maxsize=16384)
def in_common_words(text: str) -> str:
    """A text in which what can be said in several words is said in one of them.

    >>> in_common_words("A REST API with Authentication and a db"), in_common_words("Make the archive searchable")
    ('A REST API with auth and a database', 'Make the archive search')
    """
    return _EITHER.sub(lambda found: _ONE_OF[found.group().casefold()], text)
