// The main job in the real window: connect, back up, see the proof, drop that dump, restore it beside.
import type { Page } from 'playwright';
import { afterEach, expect, test } from 'vitest';
import type { Restore } from '../../shared/contract/restores.ts';
import { stockDump } from '../e2e/session.ts';
import { describeElectron, launchDesktop, type Desktop } from '../support/electron.ts';
import { makeHome } from '../support/home.ts';
import { pageApi } from '../support/page-api.ts';
import { createDatabase, dropDatabase, serverUrl, sql, testServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

let desktop: Desktop | null = null;

afterEach(async () => {
  await desktop?.close();
  desktop = null;
});

/** Drops a file of the disk on the window. An input gives the page the kind of File that a drop does: one whose path the system knows. */
async function drop(page: Page, path: string): Promise<void> {
  await page.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    input.id = 'for-test';
    document.body.append(input);
  });
  await page.setInputFiles('#for-test', path);
  await page.evaluate(() => {
    const input = document.querySelector<HTMLInputElement>('#for-test');
    const [file] = input?.files ?? [];
    if (file === undefined) throw new Error('no file');
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(file);
    for (const type of ['dragenter', 'dragover', 'drop'])
      document.querySelector('#main')?.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    input?.remove();
  });
}

describeElectron('the main job', () => {
  test('from an empty start to a restored database', async () => {
    const database = await createDatabase(`
      CREATE TABLE orders (id int PRIMARY KEY, total numeric);
      INSERT INTO orders SELECT i, i * 2 FROM generate_series(1, 1000) i`);
    const target = `${database}_copy`;
    desktop = await launchDesktop({ home: makeHome() });
    const { page } = desktop;
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));

    // A profile out of a URL.
    await page.getByRole('heading', { name: 'Welcome to Howdah' }).waitFor();
    await page.getByRole('button', { name: 'Add a connection' }).click();
    const form = page.getByRole('form', { name: 'New connection' });
    await form.getByLabel('Connection URL', { exact: true }).fill(`${serverUrl(database)}?sslmode=disable`);
    await form.getByRole('button', { name: 'Fill in' }).click();
    await until('the fields to be filled in', async () => (await form.getByLabel('Host').inputValue()) === testServer().host);
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Shop');
    await form.getByRole('button', { name: 'Test connection' }).click();
    await page.getByText('✓ connected').waitFor();
    await form.getByRole('button', { name: 'Save connection' }).click();
    await page.getByRole('form', { name: 'Connection Shop' }).waitFor();

    // A backup and its proof.
    await page.keyboard.press('Control+b');
    const dialog = page.getByRole('dialog', { name: 'Back up now' });
    await dialog
      .getByText(/pg_dump \d/)
      .first()
      .waitFor();
    await dialog.getByRole('button', { name: 'Start backup' }).click();
    const job = page.getByRole('dialog', { name: `Backup of ${database} on Shop` });
    await job.getByRole('button', { name: 'Show the backup' }).click();
    const detail = page.getByRole('dialog', { name: `Backup of ${database}`, exact: true });
    await detail.getByText('✓ passed').waitFor();
    expect(await detail.innerText()).toContain('1 table, 1,000 rows');
    await detail.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('grid', { name: 'Backups' }).getByText('✓ verified').waitFor();

    // A dump from elsewhere is dropped: taken from where it lies, not copied.
    const dump = stockDump(database, ['-Fc'], 'shop.dump');
    await drop(page, dump);
    const content = page.getByRole('region', { name: 'What is in it' });
    await content.getByText('Tables (1)').waitFor();
    expect(await content.innerText()).toContain(dump);

    // It goes into a new database only after a yes that names it.
    await page.getByRole('textbox', { name: 'Database name' }).fill(target);
    await page.getByRole('button', { name: `Restore into ${target}…` }).click();
    expect(await sql('postgres', 'SELECT 1 FROM pg_database WHERE datname = $1', [target])).toEqual([]);
    await page
      .getByRole('dialog')
      .getByRole('button', { name: `Restore into ${target}` })
      .click();
    await page.getByText(`${target} was restored`, { exact: false }).waitFor();
    expect(await sql(target, 'SELECT count(*)::int AS rows, sum(total)::int AS total FROM orders')).toEqual([
      { rows: 1000, total: 1_001_000 },
    ]);
    const { restores } = await (await pageApi(page)).call<{ restores: Restore[] }>('restores.list', {});
    expect(restores.map(({ database: name, status, source }) => [name, status, source])).toEqual([[target, 'succeeded', 'shop.dump']]);
    expect(complaints).toEqual([]);
    await dropDatabase(target);
  });
});
