// `npm run -s howdah -- …`: the command line from a checkout, nothing built beforehand.
import { join } from 'node:path';
import { ensureDependencies, handOver, projectNode, root } from './setup.mjs';

ensureDependencies();
const flags = ['--disable-warning=ExperimentalWarning'];
process.exit(await handOver(projectNode(), [...flags, join(root, 'electron', 'cli.ts'), ...process.argv.slice(2)]));
