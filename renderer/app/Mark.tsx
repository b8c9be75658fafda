/** A howdah: a canopy over a seat. */
export function Mark() {
  return (
    <svg
      width="24"
      height="24"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
    >
      <path d="M3 9c3-1 5.5-3 9-6 3.5 3 6 5 9 6z" fill="currentColor" fillOpacity="0.25" />
      <path d="M5.5 9v6M18.5 9v6" />
      <path d="M4 15h16l-1.5 5.5h-13z" fill="currentColor" fillOpacity="0.25" />
    </svg>
  );
}
