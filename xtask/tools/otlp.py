"""Reads an OTLP/HTTP request in JSON from standard input as OpenTelemetry's own messages and prints its spans.

OTLP's JSON form is protobuf's but for ids, which are hexadecimal there and not base64 (OTLP 1.x, "JSON Protobuf Encoding").
Whatever the messages do not know is an error. `unknown` lists attributes that no semantic convention names.
"""

import base64
import json
import pkgutil
import sys
from importlib import import_module

from google.protobuf.json_format import ParseDict
from opentelemetry import semconv
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

IDS = ("traceId", "spanId", "parentSpanId")


def with_base64(value):
    """The same with ids as protobuf's own JSON has them."""
    if isinstance(value, list):
        return [with_base64(item) for item in value]
    if not isinstance(value, dict):
        return value
    coded = lambda text: base64.b64encode(bytes.fromhex(text)).decode()
    return {key: coded(item) if key in IDS else with_base64(item) for key, item in value.items()}


def conventions():
    """Every attribute's name that OpenTelemetry's semantic conventions have."""
    names = set()
    for package in ("attributes", "_incubating.attributes"):
        parent = import_module(f"{semconv.__name__}.{package}")
        for module in pkgutil.iter_modules(parent.__path__):
            values = vars(import_module(f"{parent.__name__}.{module.name}")).values()
            names.update(value for value in values if isinstance(value, str))
    return names


def attributes(pairs):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def told(resource, scope, span):
    return {
        "service": attributes(resource.attributes)["service.name"],
        "scope": scope.name,
        "name": span.name,
        "kind": Span.SpanKind.Name(span.kind),
        "trace": span.trace_id.hex(),
        "span": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "nanoseconds": span.end_time_unix_nano - span.start_time_unix_nano,
        "begun": span.start_time_unix_nano,
        "status": Status.StatusCode.Name(span.status.code),
        "attributes": attributes(span.attributes),
    }


request = ParseDict(with_base64(json.load(sys.stdin)), ExportTraceServiceRequest())
# As a collector would read it from the wire.
request = ExportTraceServiceRequest.FromString(request.SerializeToString())
spans = [
    told(resources.resource, scopes.scope, span)
    for resources in request.resource_spans
    for scopes in resources.scope_spans
    for span in scopes.spans
]
known = conventions()
unknown = sorted({name for span in spans for name in span["attributes"]} - known)
json.dump({"spans": spans, "unknown": unknown}, sys.stdout)
