import { Group } from '@mantine/core';
import { useId } from 'react';
import styles from './ui.module.css';

const colours: { value: string; name: string }[] = [
  { value: '#e03131', name: 'red' },
  { value: '#e8590c', name: 'orange' },
  { value: '#f08c00', name: 'amber' },
  { value: '#2f9e44', name: 'green' },
  { value: '#0c8599', name: 'teal' },
  { value: '#1c7ed6', name: 'blue' },
  { value: '#4c6ef5', name: 'indigo' },
  { value: '#9c36b5', name: 'purple' },
  { value: '#868e96', name: 'grey' },
];

/** Nine colours that can be told apart on light and dark grounds, and the one it has where that is another. */
export function ColourChoice({ value, onChange }: { value: string; onChange: (colour: string) => void }) {
  const name = useId();
  const now = value.toLowerCase();
  const shown = colours.some((colour) => colour.value === now) ? colours : [...colours, { value: now, name: `its own, ${now}` }];
  return (
    <fieldset className={styles['colours']}>
      <legend>Colour</legend>
      <Group gap={8}>
        {shown.map((colour) => (
          <input
            key={colour.value}
            type="radio"
            name={name}
            aria-label={colour.name}
            title={colour.name}
            className={styles['colour']}
            style={{ background: colour.value }}
            checked={now === colour.value}
            onChange={() => onChange(colour.value)}
          />
        ))}
      </Group>
    </fieldset>
  );
}
