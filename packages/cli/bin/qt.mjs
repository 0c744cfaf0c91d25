#!/usr/bin/env node
import { runQt } from '../../../scripts/qt.mjs';
import { setUp } from '../../../scripts/setup.mjs';

setUp({ needsStores: process.argv[2] === 'start' });
runQt(process.argv.slice(2));
