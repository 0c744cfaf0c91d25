#!/usr/bin/env node
// npm start: installs what is missing, then becomes `qt start`.
import { runQt } from './qt.mjs';
import { setUp } from './setup.mjs';

setUp({ needsStores: true });
runQt(['start', ...process.argv.slice(2)]);
