// What `npm test` prints: from the first second how far it is and what is left, and the slowest ten at the end.
import { relative } from 'node:path';
import { DefaultReporter, type TestModule, type TestSpecification, type Vitest } from 'vitest/node';

import { projectNames } from './projects.ts';

/** Silence longer than this is broken by a line that says what is being worked on, in milliseconds. */
const quietLimit = 15_000;

export default class Progress extends DefaultReporter {
  private total = 0;
  private done = 0;
  private begun = performance.now();
  private spoken = performance.now();
  private readonly running = new Set<string>();
  private heartbeat: NodeJS.Timeout | undefined;

  constructor() {
    super({ summary: false });
  }

  override onInit(vitest: Vitest): void {
    super.onInit(vitest);
    this.log(' Looking for tests …');
  }

  override onTestRunStart(specifications: readonly TestSpecification[]): void {
    super.onTestRunStart(specifications);
    this.begun = this.spoken = performance.now();
    this.total = specifications.length;
    const parts = projectNames.map((name) => {
      const count = specifications.filter((one) => one.project.name === name).length;
      return count === 0 ? null : `${count} ${name}`;
    });
    const workers = this.ctx.config.maxWorkers;
    this.log(` ${this.total} test files: ${parts.filter((part) => part !== null).join(', ')}; ${workers} at a time.`);
    this.heartbeat = setInterval(() => this.breakSilence(), 1_000);
    this.heartbeat.unref();
  }

  onTestModuleStart(module: TestModule): void {
    this.running.add(this.nameOf(module));
  }

  override onTestModuleEnd(module: TestModule): void {
    this.done += 1;
    this.running.delete(this.nameOf(module));
    this.spoken = performance.now();
    super.onTestModuleEnd(module);
  }

  protected override getEntityPrefix(entity: Parameters<DefaultReporter['getEntityPrefix']>[0]): string {
    const prefix = super.getEntityPrefix(entity);
    return entity.type === 'module' ? `${this.howFar()} ${prefix}` : prefix;
  }

  override onTestRunEnd(...end: Parameters<DefaultReporter['onTestRunEnd']>): void {
    clearInterval(this.heartbeat);
    super.onTestRunEnd(...end);
    const [modules] = end;
    if (modules.length < 2) return;
    this.log(' The slowest ten files, each with its slowest test:');
    const slowest = modules.toSorted((a, b) => b.diagnostic().duration - a.diagnostic().duration).slice(0, 10);
    for (const module of slowest) {
      const longest = [...module.children.allTests()]
        .map((test) => ({ name: test.fullName, took: test.diagnostic()?.duration ?? 0 }))
        .toSorted((a, b) => b.took - a.took)[0];
      const detail = longest === undefined ? '' : ` (${seconds(longest.took)} ${longest.name})`;
      this.log(` ${seconds(module.diagnostic().duration).padStart(9)}  ${this.nameOf(module)}${detail}`);
    }
    this.log();
  }

  private breakSilence(): void {
    if (performance.now() - this.spoken < quietLimit) return;
    this.spoken = performance.now();
    this.log(` ${this.howFar()} ${this.total - this.done} left; now: ${[...this.running].join(', ')}`);
  }

  private howFar(): string {
    const passed = Math.round((performance.now() - this.begun) / 1000);
    const clock = `${Math.floor(passed / 60)}:${String(passed % 60).padStart(2, '0')}`;
    return `${clock.padStart(5)} ${String(this.done).padStart(String(this.total).length)}/${this.total}`;
  }

  private nameOf(module: TestModule): string {
    return relative(this.ctx.config.root, module.moduleId);
  }
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
