/** `npm test` stays quick; continuous integration sets HOWDAH_TEST_THOROUGH for more cases of what is drawn by lot. */
export const thorough = process.env['HOWDAH_TEST_THOROUGH'] === '1';
