"""Settings for what stands between the bucket and listeners: CloudFront, Cloudflare, Fastly, nginx. Printed by `publish bucket --print`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from publisher.bucket.policies import EXPOSED, cors_rule
from publisher.core import layout
from publisher.core.media_types import CHAPTERS, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXTS = ("application/json", "application/rss+xml", "application/xml", "application/x-subrip", "image/svg+xml")
"""Types beside text/… that are text: written as UTF-8, and sent packed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What a snippet is about: the site's address, and the bucket's own address behind it (empty for a folder)."""

    site_url: str
    origin: str = ""
    prefix: str = ""
    region: str = ""

    @property
    def host(self) -> str:
        """The host listeners type."""
        return urlsplit(self.site_url).hostname or ""

    @property
    def path(self) -> str:
        """The path the show begins at, without a slash at its end."""
        return urlsplit(self.site_url).path.rstrip("/")

    @property
    def origin_host(self) -> str:
        """The host of the bucket."""
        return urlsplit(self.origin).netloc

    @property
    def added(self) -> str:
        """The path that stands before a key in the bucket and not in listeners' addresses."""
        behind = (urlsplit(self.origin).path.rstrip("/") + "/" + self.prefix).rstrip("/")
        return behind.removesuffix(self.path) if self.path else behind


def cloudfront(edge: Edge) -> str:
    """A CloudFormation template: the bucket closed, the distribution alone reads it."""
    exposed = "".join(f"              - {name}\n" for name in EXPOSED)
    headers = "".join(f"              - {name}\n" for name in cors_rule()["AllowedHeaders"])
    return f"""\
# CloudFormation: a distribution before the bucket. The certificate must lie in us-east-1.
# Afterwards: purge = "cloudfront" and zone = "the distribution's id" under [cdn], then `publish bucket` closes the bucket to all others.
Parameters:
  Certificate:
    Type: String
    Description: ARN of the certificate for {edge.host}
Resources:
  Access:
    Type: AWS::CloudFront::OriginAccessControl
    Properties:
      OriginAccessControlConfig:
        Name: airdate-{edge.host.replace(".", "-")}
        OriginAccessControlOriginType: s3
        SigningBehavior: always
        SigningProtocol: sigv4
  Caching:
    Type: AWS::CloudFront::CachePolicy
    Properties:
      CachePolicyConfig:
        Name: airdate-{edge.host.replace(".", "-")}
        MinTTL: 0
        DefaultTTL: 300
        MaxTTL: 31536000
        ParametersInCacheKeyAndForwardedToOrigin:
          EnableAcceptEncodingBrotli: true
          EnableAcceptEncodingGzip: true
          CookiesConfig: {{CookieBehavior: none}}
          HeadersConfig: {{HeaderBehavior: none}}
          QueryStringsConfig: {{QueryStringBehavior: none}}
  Headers:
    Type: AWS::CloudFront::ResponseHeadersPolicy
    Properties:
      ResponseHeadersPolicyConfig:
        Name: airdate-{edge.host.replace(".", "-")}
        CorsConfig:
          AccessControlAllowCredentials: false
          AccessControlAllowOrigins: {{Items: ["*"]}}
          AccessControlAllowMethods: {{Items: [GET, HEAD]}}
          AccessControlAllowHeaders:
            Items:
{headers}          AccessControlExposeHeaders:
            Items:
{exposed}          OriginOverride: true
  Distribution:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        HttpVersion: http2and3
        IPV6Enabled: true
        Aliases: [{edge.host}]
        DefaultRootObject: {layout.HOME}
        ViewerCertificate:
          AcmCertificateArn: !Ref Certificate
          MinimumProtocolVersion: TLSv1.2_2021
          SslSupportMethod: sni-only
        Origins:
          - Id: bucket
            DomainName: {edge.origin_host}
            OriginPath: "{edge.added}"
            OriginAccessControlId: !Ref Access
            S3OriginConfig: {{}}
        DefaultCacheBehavior:
          TargetOriginId: bucket
          ViewerProtocolPolicy: redirect-to-https
          AllowedMethods: [GET, HEAD, OPTIONS]
          Compress: true
          CachePolicyId: !Ref Caching
          ResponseHeadersPolicyId: !Ref Headers
        CustomErrorResponses:
          - {{ErrorCode: 403, ResponseCode: 404, ResponsePagePath: {edge.path}/{layout.NOT_FOUND}, ErrorCachingMinTTL: 10}}
          - {{ErrorCode: 404, ResponseCode: 404, ResponsePagePath: {edge.path}/{layout.NOT_FOUND}, ErrorCachingMinTTL: 10}}
Outputs:
  Zone:
    Value: !Ref Distribution
"""


def cloudflare(edge: Edge) -> str:
    """The body of PUT /zones/ZONE/rulesets/phases/http_request_cache_settings/entrypoint: pages and feed are cached, too."""
    where = f'(http.host eq "{edge.host}"' + (f' and starts_with(http.request.uri.path, "{edge.path}/")' if edge.path else "") + ")"
    keep = {"cache": True, "edge_ttl": {"mode": "respect_origin"}, "browser_ttl": {"mode": "respect_origin"}, "respect_strong_etags": True}
    rule = {
        "description": "Airdate: as long as the storage says",
        "expression": where,
        "action": "set_cache_settings",
        "action_parameters": keep,
    }
    return json.dumps({"rules": [rule]}, indent=2) + "\n"


def fastly(edge: Edge) -> str:
    """VCL snippets."""
    fetch = f'  set bereq.url = "{edge.added}" bereq.url;\n' if edge.added else ""
    return f"""\
# Fastly, VCL snippets for {edge.host}: the backend is {edge.origin_host or "your host"}, port 443, its host name also as "override host".

# vcl_recv: recordings are larger than what is kept in one piece
if (req.url.path ~ "/{layout.MEDIA}") {{
  set req.enable_segmented_caching = true;
}}
set req.url = querystring.remove(req.url);

# vcl_miss and vcl_pass: where the show lies in the bucket
if (req.backend.is_origin) {{
  unset bereq.http.Cookie;
{fetch}}}

# vcl_fetch: a file that is not there is asked for again soon
if (beresp.status == 403 || beresp.status == 404) {{
  set beresp.ttl = 10s;
  return(deliver);
}}

# vcl_deliver: players on other sites may read, and seek
set resp.http.Access-Control-Allow-Origin = "*";
set resp.http.Access-Control-Expose-Headers = "{", ".join(EXPOSED)}";
"""


def nginx(edge: Edge) -> str:
    """A server before a bucket, or over the folder that `publish` writes."""
    kinds: dict[str, list[str]] = {}
    for ending, kind in TYPES.items():
        kinds.setdefault(kind, []).append(ending)
    types = "".join(f"        {kind} {' '.join(endings)};\n" for kind, endings in kinds.items())
    forever = "|".join(folder.rstrip("/") for folder in layout.FOREVER)
    texts = " ".join(kind for kind in kinds if kind in TEXTS or (kind.startswith("text/") and kind != "text/html"))
    common = f"""\
    server_name {edge.host};
    listen 443 ssl;
    # ssl_certificate and ssl_certificate_key go here

    add_header Access-Control-Allow-Origin "*" always;
    add_header Access-Control-Expose-Headers "{", ".join(EXPOSED)}" always;
    add_header X-Content-Type-Options nosniff always;
    error_page 403 404 {edge.path}/{layout.NOT_FOUND};
    gzip on;
    gzip_vary on;
    gzip_types {texts};
"""
    if not edge.origin:
        return f"""\
# nginx over the folder: {f"what lies in {edge.path} below `root`" if edge.path else "`root`"} is what `url` under [storage] names.
server {{
{common}
    root /srv/podcast;
    index {layout.HOME};
    charset utf-8;
    charset_types {texts};
    types {{
{types}    }}

    location ~ "/(?:\\.(?!well-known)|airdate-state/)" {{ return 404; }}
    location ~ "^{edge.path}/{layout.EPISODES}.*/chapters-{layout.HASH}\\.json$" {{ types {{ }} default_type {CHAPTERS}; expires 1y; }}
    location ~ "^{edge.path}/(?:{forever})|-{layout.HASH}\\.[a-z0-9]+$" {{ expires 1y; }}
    location ~ "^{edge.path}/feed[^/]*\\.xml$" {{ types {{ }} default_type "application/rss+xml; charset=utf-8"; expires 5m; }}
    location / {{ try_files $uri $uri.html $uri/{layout.HOME} =404; expires 5m; }}
}}
"""
    return f"""\
# nginx before the bucket, with a cache of its own; the first line belongs into http {{ }}.
proxy_cache_path /var/cache/nginx/podcast levels=1:2 keys_zone=podcast:10m max_size=20g inactive=30d use_temp_path=off;

server {{
{common}
    location / {{
        limit_except GET HEAD {{ deny all; }}
        proxy_pass {edge.origin.partition("://")[0]}://{edge.origin_host}{edge.added}/;
        proxy_set_header Host {edge.origin_host};
        proxy_ssl_server_name on;
        proxy_intercept_errors on;
        proxy_http_version 1.1;
        proxy_hide_header Access-Control-Allow-Origin;
        proxy_set_header Authorization "";
        proxy_set_header Cookie "";
        proxy_cache podcast;
        proxy_cache_lock on;
        proxy_cache_revalidate on;
        proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;
        # recordings in slices: a seek fetches what it needs, and the rest stays at the storage
        slice 2m;
        proxy_set_header Range $slice_range;
        proxy_cache_key $uri$slice_range;
        proxy_cache_valid 200 206 5m;
    }}
}}
"""


SNIPPETS: Mapping[str, Callable[[Edge], str]] = {"cloudfront": cloudfront, "cloudflare": cloudflare, "fastly": fastly, "nginx": nginx}
