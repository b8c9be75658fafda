// Long files first, so that none is left alone at the end; those of a project together, since they share processes.
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { projectNames } from './projects.ts';

export default class RunOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // The files that took longest last time, else the largest, come first.
    const sorted = await super.sort(files);
    const rank = (file: TestSpecification): number => projectNames.findIndex((name) => name === file.project.name);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
