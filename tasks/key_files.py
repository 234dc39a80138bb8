"""Files whose name says that they hold keys: nobody quotes them, and no model is shown them."""

import re

_KINDS = r"pem|key|p12|pfx|jks|keystore|kdbx|ppk|gpg|ovpn|tfstate(?:\.backup)?"
_NAMES = (
    r"\.env(?:\..*)?|.+\.env|[._]netrc|\.npmrc|\.pypirc|\.pgpass|\.htpasswd|\.git-credentials|\.dockercfg|\.vault-token"
    r"|kubeconfig|id_[a-z0-9]+"
)
_WORDS = (
    r"secrets?|credentials?|passwords?|passwds?|api[-_]?keys?|(?:access|api|auth)[-_]?tokens?|private[-_]?keys?"
    r"|service[-_]?accounts?"
)
_OF_DATA = r"txt|json|ya?ml|toml|ini|cfg|conf|properties|xml|csv|enc"

_HOLDS_KEYS = re.compile(
    rf"(?:^|.*/)(?:{_NAMES}|[^/]*\.(?:{_KINDS})"
    r"|(?:secrets?|credentials?)(?:\.[^/]*)?"  # of any kind, code as well
    r"|passw(?:or)?ds?(?:\.(?:md|markdown|rst))?|tokens?(?:\.txt)?"  # docs/api-keys.md is about them and holds none
    rf"|(?:[^/]*[^a-z0-9/])?(?:{_WORDS})(?:[^a-z0-9/][^/]*)?\.(?:{_OF_DATA}))"
    r"|(?:^|.*/)\.(?:ssh|aws|azure|gnupg|docker|kube)/.*",
    re.IGNORECASE | re.DOTALL,
)


def holds_keys(relative: str) -> bool:
    """Whether a file may hold keys, by its path alone.

    >>> holds_keys("config/db_passwords.yaml"), holds_keys(".ssh/config"), holds_keys("prod.env")
    (True, True, True)
    >>> holds_keys("docs/secret-rotation.md"), holds_keys("app/tokens.py"), holds_keys("docs/api-keys.md")
    (False, False, False)
    """
    return _HOLDS_KEYS.fullmatch(relative) is not None
