"""Two buckets at one address that remember their settings, as Amazon answers: a show's, and one that logs go to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tests.support.service_servers import Answering, Asked

SETTINGS = {
    "publicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "policy": "NoSuchBucketPolicy",
    "lifecycle": "NoSuchLifecycleConfiguration",
    "logging": "",
    "policyStatus": "NoSuchBucketPolicy",
    "acl": "",
}

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
CLOSED = f"<R>{''.join(f'<{name}>true</{name}>' for name in BLOCKS)}</R>".encode()


@dataclass
class LogBuckets(Answering):
    """`buckets`: name -> setting -> what was written; `objects`: what lies there; `open_to_all`: buckets whose objects, `listed_by_all`:
    those whose listings are given without keys; `open_by_acl`: those whose ACL lets everybody with an account in."""

    buckets: dict[str, dict[str, bytes]] = field(default_factory=lambda: {"bucket": {}})
    objects: set[str] = field(default_factory=set)
    open_to_all: set[str] = field(default_factory=set)
    listed_by_all: set[str] = field(default_factory=set)
    open_by_acl: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def written(self) -> list[str]:
        """Which setting of which bucket was written, in order; a bucket that was made has no setting."""
        puts = [asked for asked in self.asked if asked.method == "PUT"]
        rows = [(asked.path.strip("/"), next((name for name in asked.query if name in SETTINGS), "")) for asked in puts]
        return [f"{path} {name}".strip() for path, name in rows if "/" not in path]

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        name, _, key = asked.path.strip("/").partition("/")
        if "authorization" not in asked.headers and name not in (self.open_to_all if key else self.listed_by_all):
            return self._error(403, "AccessDenied", asked)
        if name not in self.buckets:
            if asked.method != "PUT" or key:
                return self._error(404, "NoSuchBucket", asked)
            self.buckets[name] = {"publicAccessBlock": CLOSED}  # as every bucket of Amazon's since April 2023
            return 200, b"", {}
        if key:
            return self._object(asked)
        setting = next((name for name in asked.query if name in SETTINGS), "")
        if setting in self.unknown:
            return self._error(501, "NotImplemented", asked)
        if asked.method == "HEAD" or not setting:
            return 200, b"<ListBucketResult></ListBucketResult>" if asked.method == "GET" else b"", {}
        return self._setting(asked, setting, self.buckets[name], name)

    def _setting(self, asked: Asked, setting: str, held: dict[str, bytes], name: str) -> tuple[int, bytes, dict[str, str]]:
        if asked.method == "PUT":
            held[setting] = asked.body
            return 200, b"", {}
        if setting == "acl":
            uri = b"http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
            grantee = b'<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>' + uri + b"</URI></Grantee>"
            grant = b"<Grant>" + grantee + b"<Permission>READ</Permission></Grant>" if name in self.open_by_acl else b""
            text = b"<AccessControlPolicy><Owner><ID>me</ID></Owner><AccessControlList>" + grant
            return 200, text + b"</AccessControlList></AccessControlPolicy>", {}
        if setting == "policyStatus" and "policy" in held:
            everybody = any(item["Principal"] == "*" for item in json.loads(held["policy"])["Statement"])
            return 200, f"<PolicyStatus><IsPublic>{str(everybody).lower()}</IsPublic></PolicyStatus>".encode(), {}
        if setting == "logging":
            return 200, held.get(setting, b"<BucketLoggingStatus></BucketLoggingStatus>"), {}
        return (200, held[setting], {}) if setting in held else self._error(404, SETTINGS[setting], asked)

    def _object(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        if asked.method == "PUT":
            self.objects.add(asked.path)
        if asked.method == "DELETE":
            self.objects.discard(asked.path)
            return 204, b"", {}
        return (200, b"", {}) if asked.path in self.objects else self._error(404, "NoSuchKey", asked)

    @staticmethod
    def _error(status: int, code: str, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        return status, b"" if asked.method == "HEAD" else f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode(), {}
