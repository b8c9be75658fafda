// Situations of which each must be refused for one reason: shown by the preview, said by the judgement, and kept by the restore.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strategies, type Strategy } from '../../../shared/contract/previews.ts';
import { thorough } from '../../support/thorough.ts';
import { codesOf, groundForFile, previewSituations, type Situation, type Situations } from './situations.ts';

/** `blocks`: the strategies that the code stands in the way of; it must not be told of the others. */
export type Blocking = Situation & { code: string; name: string; blocks: readonly Strategy[] };

/** Tests, one a line, that each is refused for its code, and that nothing is touched. */
export function testBlockers(lines: Blocking[]): void {
  const ground = groundForFile();
  const title = ({ code, name }: Blocking): string => `${code}: ${name}`;

  describe('what blocks', () => {
    let all: Situations;
    beforeAll(async () => {
      all = await previewSituations(ground(), Object.fromEntries(lines.map((line) => [title(line), line])));
    }, 240_000);
    afterAll(() => all.remove());

    it.each(lines.map((line, at) => ({ ...line, at })))('$code blocks: $name', async ({ at, ...line }) => {
      const { code, blocks } = line;
      const { blockers, judge, carryOut, contents } = all.of(title(line));
      const before = await contents();
      for (const strategy of strategies) {
        expect([strategy, blockers(strategy).includes(code)]).toEqual([strategy, blocks.includes(strategy)]);
      }
      // A restore a line; the other strategies are refused by the same judgement, so that thorough runs will do for them.
      for (const strategy of thorough ? blocks : blocks.slice(at % blocks.length).slice(0, 1)) {
        const { verdict } = await judge(strategy);
        expect(verdict).toMatchObject({ safe: false });
        expect(codesOf(verdict.reasons)).toContain(code);
        expect(await carryOut(strategy)).toBe('RESTORE_BLOCKED');
      }
      expect(await contents()).toEqual(before);
    });

    it.each(strategies)('the verdict on %s names every code that blocks it', (strategy) => {
      const codes = codesOf(lines.filter((line) => line.blocks.includes(strategy)));
      expect(codes).not.toEqual([]);
      expect(all.preview.verdicts[strategy]).toMatchObject({ safe: false });
      expect(codesOf(all.preview.verdicts[strategy].reasons)).toEqual(expect.arrayContaining(codes));
    });
  });
}
