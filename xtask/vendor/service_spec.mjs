// Extract from AWS's service specification what resource schemas do not say, for the types that LISA uses:
// what `Ref` returns, ARN templates, which resource's attribute a property takes, tagging, and which types hold state.
//
// Usage: node service_spec.mjs TYPES_FILE OUT_DIR   (in a folder where @aws-cdk/aws-service-spec is installed)
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const { loadAwsServiceSpecSync } = require('@aws-cdk/aws-service-spec');
const [typesFile, out] = process.argv.slice(2);
const wanted = readFileSync(typesFile, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
const db = loadAwsServiceSpecSync();
const hash = createHash('sha256');
mkdirSync(out, { recursive: true });

const references = (owner, properties, into) => {
  for (const [name, property] of Object.entries(properties)) {
    if (property.relationshipRefs?.length) {
      into[owner ? `${owner}.${name}` : name] = property.relationshipRefs
        .map((ref) => [ref.cloudFormationType, ref.propertyName])
        .sort((a, b) => (a.join() < b.join() ? -1 : 1));
    }
  }
};

for (const name of wanted) {
  const resource = db.lookup('resource', 'cloudFormationType', 'equals', name).only();
  const refs = {};
  references('', resource.properties, refs);
  for (const { entity } of db.follow('usesType', resource)) references(entity.name, entity.properties, refs);
  const document = {
    typeName: name,
    ref: resource.cfnRefIdentifier ?? resource.primaryIdentifier,
    arnTemplate: resource.arnTemplate,
    stateful: resource.isStateful ?? false,
    tags: resource.tagInformation,
    attributes: Object.keys(resource.attributes).sort(),
    references: Object.fromEntries(Object.entries(refs).sort()),
  };
  const text = JSON.stringify(document, null, 1) + '\n';
  hash.update(text);
  writeFileSync(join(out, `${name.replaceAll('::', '-')}.json`), text);
}
const version = require('@aws-cdk/aws-service-spec/package.json').version;
writeFileSync(join(out, 'SOURCE.json'), JSON.stringify({
  package: '@aws-cdk/aws-service-spec', version, licence: 'Apache-2.0', sha256: hash.digest('hex'), types: wanted.length,
}, null, 1) + '\n');
