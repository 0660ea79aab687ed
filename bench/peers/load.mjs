// Asks a server with so many connections for so many seconds, one body after the other, and prints what autocannon saw.
import autocannon from 'autocannon';
import { readFileSync } from 'node:fs';

const { url, bodies, connections, seconds } = JSON.parse(readFileSync(0, 'utf8'));
const requests = bodies.map((body) => ({ method: 'POST', path: new URL(url).pathname, headers: { 'content-type': 'application/json' }, body }));
const seen = await autocannon({ url, connections, duration: seconds, timeout: 30, requests });
const { requests: { average }, latency: { p50, p99 }, errors, non2xx } = seen;
console.log(JSON.stringify({ average, p50, p99, errors, non2xx }));
