/** Reports progress on standard error: the count so far and the time left. Call the result with the count so far. */
export function progressLine(task: string, total: number): (done: number) => void {
  const start = Date.now();
  return (done) => {
    const left = done === 0 ? '' : `, ${duration(((Date.now() - start) / done) * (total - done))} left`;
    const end = done === total ? '\n' : '';
    const line = `${task}: ${done} of ${total} (${Math.floor((done / total) * 100)} %${done === total ? '' : left})`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}${end}` : `${line}\n`);
  };
}

function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
