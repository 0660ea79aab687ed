// Every audit of graphql-http against the server at the address given. Ends with 0 only if all of them pass, the optional ones too.
import { serverAudits } from 'graphql-http';

const failed = [];
const audits = serverAudits({ url: process.argv[2], fetchFn: fetch });
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status !== 'ok') {
    failed.push(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
console.log([...failed, `${audits.length - failed.length} of ${audits.length} audits pass`].join('\n'));
process.exitCode = failed.length ? 1 : 0;
