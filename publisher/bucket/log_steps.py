"""How each service, network and server is told to keep logs that `publish stats` can read. Printed by `publish bucket --print …-log`.

Facts, not sentences, are from the pages that each function names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from publisher.bucket.cdn_snippets import Edge

DAYS = 14
"""Days that raw logs are kept where we set it: a day is counted two days later at the latest, and a machine may sleep for a week."""
FASTLY_FIELDS: Mapping[str, str] = {
    "time": "%{begin:%Y-%m-%dT%H:%M:%SZ}t",
    "ip": "%{req.http.Fastly-Client-IP}V",
    "agent": "%{json.escape(req.http.User-Agent)}V",
    "method": "%{json.escape(req.method)}V",
    "url": "%{json.escape(req.url)}V",
    "status": "%{resp.status}V",
    "bytes": "%{resp.body_bytes_written}V",
    "range": "%{json.escape(req.http.Range)}V",
    "country": "%{client.geo.country_code}V",
    "edge": '%{if(fastly.ff.visits_this_service == 0, "true", "false")}V',
}
"""A line of JSON for each request, field by field; what stands in quotes in JSON is text. `edge` is false where, with shielding, one of Fastly's
machines asked another."""


def nginx_log(edge: Edge) -> str:
    """`combined`, as every program reads it, and the range that was asked for (nginx.org, ngx_http_log_module)."""
    return f"""\
# nginx: into http {{ }}. It is `combined` and one more field, the range that an app asks for: by it parts of a recording are joined.
log_format podcast '$remote_addr - $remote_user [$time_local] "$request" '
                   '$status $body_bytes_sent "$http_referer" '
                   '"$http_user_agent" "$http_range"';

# into the server {{ }} of {edge.host}; with something in front of it, real_ip_header and set_real_ip_from tell whose address it is
access_log /var/log/nginx/podcast.log podcast;

# /etc/logrotate.d/podcast: a file a day, and after {DAYS} days none
/var/log/nginx/podcast.log {{
    daily
    rotate {DAYS}
    dateext
    compress
    missingok
    sharedscripts
    postrotate
        nginx -s reopen
    endscript
}}

# config.toml
[stats]
logs = "/var/log/nginx/podcast.log*"
"""


def apache_log(edge: Edge) -> str:
    """The same for Apache (httpd.apache.org, mod_log_config). `%O` with mod_logio would count the headers as well."""
    return f"""\
# Apache: `combined` and one more field, the range that an app asks for. Behind something else, mod_remoteip tells whose address it is.
LogFormat "%h %l %u %t \\"%r\\" %>s %B \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\" \\"%{{Range}}i\\"" podcast

# into the <VirtualHost> of {edge.host}; rotatelogs begins a file a day and keeps {DAYS}
CustomLog "|/usr/bin/rotatelogs -n {DAYS} /var/log/apache2/podcast.log 86400" podcast

# config.toml
[stats]
logs = "/var/log/apache2/podcast.log*"
"""


def caddy_log(edge: Edge) -> str:
    """Caddy writes JSON with all headers of a request, the range among them (caddyserver.com, docs/caddyfile/directives/log)."""
    return f"""\
# Caddy: into the site of {edge.host}
log {{
	output file /var/log/caddy/podcast.log {{
		roll_keep_for {DAYS * 24}h
	}}
	format json
}}

# config.toml
[stats]
logs = "/var/log/caddy/podcast*.log*"
"""


def fastly_log(edge: Edge) -> str:
    """A line of JSON a request, with range and country (fastly.com: streaming logs, custom log formats; VCL variables)."""
    numbers = {"status", "bytes", "edge"}
    fields = ", ".join(f'"{name}": {text}' if name in numbers else f'"{name}": "{text}"' for name, text in FASTLY_FIELDS.items())
    return f"""\
# Fastly, for {edge.host}: manage.fastly.com > the service > Logging > Amazon S3 (any bucket that speaks it) > Create endpoint.
# Bucket: a private one; Path: podcast/; Period: 3600; Gzip level: 6; Log line format: Blank; Log format (version 2), in one line:
{{ {fields} }}

# let the bucket throw files away after {DAYS} days (a lifecycle rule), then config.toml
[stats]
logs = "s3://YOUR-LOG-BUCKET/podcast/"
"""


def cloudfront_log(edge: Edge) -> str:
    """Standard logs, version 2, to a bucket (docs.aws.amazon.com, CloudFront > Standard logging v2); late by up to 24 hours."""
    return f"""\
# CloudFront, for {edge.host}: standard logs to a bucket of yours that nobody else can read.
# ACCOUNT is the number of the account, DISTRIBUTION the id of the distribution (`zone` under [cdn]), LOGS the bucket.
aws logs put-delivery-source --region us-east-1 --name podcast --log-type ACCESS_LOGS \\
    --resource-arn arn:aws:cloudfront::ACCOUNT:distribution/DISTRIBUTION
aws logs put-delivery-destination --region us-east-1 --name podcast --output-format w3c \\
    --delivery-destination-configuration destinationResourceArn=arn:aws:s3:::LOGS/podcast
aws logs create-delivery --region us-east-1 --delivery-source-name podcast \\
    --delivery-destination-arn arn:aws:logs:us-east-1:ACCOUNT:delivery-destination:podcast
aws s3api put-bucket-lifecycle-configuration --bucket LOGS --lifecycle-configuration \\
    '{{"Rules":[{{"ID":"logs","Status":"Enabled","Filter":{{"Prefix":"podcast/"}},"Expiration":{{"Days":{DAYS}}}}}]}}'

# config.toml; the bucket's own logs hold only what CloudFront did not have, so they are not read as well
[stats]
logs = "s3://LOGS/podcast/"
"""


def cloudflare_log(edge: Edge) -> str:
    """Logpush of HTTP requests (developers.cloudflare.com/logs: Logpush; custom fields). It belongs to the Enterprise plan."""
    fields = "ClientIP ClientRequestMethod ClientRequestURI ClientRequestUserAgent ClientCountry EdgeResponseStatus EdgeResponseBytes"
    return f"""\
# Cloudflare, for {edge.host}. With the Enterprise plan: dash.cloudflare.com > the zone > Analytics & Logs > Logpush > Create a job:
#   dataset HTTP requests; fields {fields}
#   EdgeStartTimestamp ResponseHeaders; custom fields: the answer's header `content-range`, by which parts are joined; destination: a
#   private bucket
# On other plans Cloudflare keeps no log of its cache that you can have. What lies in R2 has one: publish bucket --print r2-log

# let the bucket throw files away after {DAYS} days (a lifecycle rule), then config.toml
[stats]
logs = "s3://YOUR-LOG-BUCKET/podcast/"
"""


def r2_log(edge: Edge) -> str:
    """Data Access Logs of R2 (developers.cloudflare.com/r2/buckets/data-access-logs): kept seven days, no range, best effort."""
    return f"""\
# Cloudflare R2, for {edge.host}: dash.cloudflare.com > R2 > the bucket > Settings > Data Access Logs > Enabled.
# They are kept for seven days: fetch them once a week at least. What they tell is the length of an answer, not what was sent of it, and no
# range: a download that was broken off looks whole. What Cloudflare's cache answered is not in them, nor are answers from 400 on, and some
# events are lost. From 1 December 2026 on they cost what Cloudflare Observability costs.
# "View logs in Workers Observability" shows them: dataset r2, this bucket, interface Public; export the events as JSON.

# config.toml: the files that you saved, beside it
[stats]
logs = "logs/*.json"
"""


def bunny_log(edge: Edge) -> str:
    """Logs of a pull zone (docs.bunny.net/cdn/logging): kept three days, addresses cut by default."""
    return f"""\
# bunny.net, for {edge.host}: dash.bunny.net > the pull zone > Logging > Enable logging. They are kept for three days: fetch them daily,
# each with its date and the number of the pull zone, or switch Permanent Log Storage on. Extended logging tells ranges as well.
curl -fsS --compressed -H "AccessKey: $BUNNY_KEY" -o logs/bunny-MM-DD-YY.log https://logging.bunnycdn.com/MM-DD-YY/PULL_ZONE.log
# Addresses are cut to their first three parts by default, so the listeners behind them who have the same app are one: numbers are too
# small, and honest about it. "Drop all" instead leaves nobody to be told from anybody.

# config.toml: the files that you fetched, beside it
[stats]
logs = "logs/bunny-*.log"
"""


def gcs_log(edge: Edge) -> str:
    """Google's usage logs are CSV of a form of their own (docs.cloud.google.com/storage/docs/access-logs), which is not read."""
    return f"""\
# Google Cloud Storage, for {edge.host}: its own usage logs are not read by `publish stats`: they tell no range, and Google promises neither
# that they are whole nor when they come. Put something in front that keeps logs: publish bucket --print nginx-log, fastly-log, bunny-log …
"""


STEPS: Mapping[str, Callable[[Edge], str]] = {
    "nginx-log": nginx_log,
    "apache-log": apache_log,
    "caddy-log": caddy_log,
    "cloudfront-log": cloudfront_log,
    "fastly-log": fastly_log,
    "cloudflare-log": cloudflare_log,
    "bunny-log": bunny_log,
    "r2-log": r2_log,
    "gcs-log": gcs_log,
}
