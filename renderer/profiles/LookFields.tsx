import { Group, SegmentedControl, Stack } from '@mantine/core';
import { Section } from '../ui/PageFrame.tsx';
import type { FieldsPart } from './ConnectionFields.tsx';
import { colours, environmentChoices } from './form.ts';
import styles from './profiles.module.css';

/** How it is told apart from the others, and how careful Howdah is with it. */
export function LookFields({ fields, patch }: FieldsPart) {
  return (
    <Section title="Environment">
      <Stack gap="sm">
        <SegmentedControl
          aria-label="Environment"
          value={fields.environment}
          onChange={(environment) => patch({ environment })}
          data={environmentChoices}
          style={{ alignSelf: 'flex-start' }}
        />
        <span className="dim">
          Production is shown in red everywhere, and asks for the database’s name before anything is replaced or dropped.
        </span>
        <fieldset className={styles['colours']}>
          <legend>Colour</legend>
          <Group gap={8}>
            {colours.map((colour) => (
              <input
                key={colour.value}
                type="radio"
                name="colour"
                aria-label={colour.name}
                title={colour.name}
                className={styles['colour']}
                style={{ background: colour.value }}
                checked={fields.colour.toLowerCase() === colour.value}
                onChange={() => patch({ colour: colour.value })}
              />
            ))}
          </Group>
        </fieldset>
      </Stack>
    </Section>
  );
}
