// Applies cdk-nag's AwsSolutions pack to plain templates: paths in, one JSON report on standard output.
'use strict';
const { createRequire } = require('node:module');
const path = require('node:path');
// The packages lie in the directory of installed tools, not beside this file.
const load = createRequire(path.join(process.env.LISA_TOOLS_DIR, 'node', 'package.json'));
const { App, Aspects, CfnResource, Stack } = load('aws-cdk-lib');
const { CfnInclude } = load('aws-cdk-lib/cloudformation-include');
const { AwsSolutionsChecks } = load('cdk-nag');

const report = { rules: 0, resources: 0, findings: [] };
const rules = new Set();
const find = (rule, resource, message) => {
  const stack = Stack.of(resource);
  const { path: file } = stack.templateOptions.metadata;
  report.findings.push({ path: file, rule, resource: stack.resolve(resource.logicalId), message });
};
const logger = {
  onCompliance: ({ ruleId }) => rules.add(ruleId),
  onNonCompliance: ({ ruleId, findingId, resource, ruleInfo }) => {
    rules.add(ruleId);
    find(findingId ? `${ruleId}[${findingId}]` : ruleId, resource, ruleInfo);
  },
  // A rule that could not decide has not passed.
  onError: ({ ruleId, errorMessage, resource }) => find(`undecided ${ruleId}`, resource, errorMessage),
  onNotApplicable: ({ ruleId }) => rules.add(ruleId),
  onSuppressed: () => {},
};
const app = new App({ analyticsReporting: false, outdir: process.env.NAG_OUT });
process.argv.slice(2).forEach((templateFile, index) => {
  const stack = new Stack(app, `Template${index}`);
  const included = new CfnInclude(stack, 'Template', { templateFile });
  stack.templateOptions.metadata = { ...stack.templateOptions.metadata, path: templateFile };
  report.resources += included.node.findAll().filter((node) => CfnResource.isCfnResource(node)).length;
});
Aspects.of(app).add(new AwsSolutionsChecks({ reports: false, additionalLoggers: [logger] }));
app.synth();
report.rules = rules.size;
process.stdout.write(JSON.stringify(report));
