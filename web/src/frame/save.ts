// Hands a file made on the page to the browser's downloads.

export function save(name: string, content: string, mediaType: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: mediaType }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken the content by the next turn.
  window.setTimeout(() => URL.revokeObjectURL(address), 1000);
}
