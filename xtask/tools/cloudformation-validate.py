"""Gives the cloudformation-validate library a command line: template paths in, one JSON report on standard output."""

import json
import sys

from cloudformation_validate import CompositeEngine, Severity

engine = CompositeEngine()
findings = []
resources = 0
for path in sys.argv[1:]:
    report = engine.validate_template(path)
    with open(path, encoding="utf-8") as file:
        resources += len(json.load(file).get("Resources", {}))
    for found in report.diagnostics:
        if found.severity.value >= Severity.WARN.value:
            logical_id = found.entity.logical_id if found.entity else None
            findings.append({"path": path, "rule": found.rule_id, "resource": logical_id, "message": found.message})
json.dump({"rules": len(engine.list_rules()), "resources": resources, "findings": findings}, sys.stdout)
