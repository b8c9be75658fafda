// For `electron -r dist/early.cjs <folder>`: runs before Chromium is ready even where the program itself is loaded later.
import { declarePageScheme } from './page-scheme.ts';

declarePageScheme();
