wide => {
  const found = [];
  const main = document.querySelector('[data-testid="stMain"]');
  const name = e => {
    const words = (e.innerText || e.getAttribute('aria-label') || '').trim().slice(0, 40);
    return `${e.tagName.toLowerCase()} "${words}"`;
  };
  for (const box of [document.scrollingElement, main]) {
    const over = box.scrollWidth - box.clientWidth;
    if (over > 1) found.push(`wider than the window by ${over} px`);
  }
  const words = 'h1,h2,h3,button,summary,label,th,td,[role="tab"],.rc-card p,.rc-head p';
  const edge = main.getBoundingClientRect().right;
  for (const e of main.querySelectorAll(words)) {
    const style = getComputedStyle(e);
    if (!e.clientWidth || !e.offsetParent || e.closest('.dvn-scroller')) continue;
    const clipped = style.overflowX !== 'visible' || style.textOverflow === 'ellipsis';
    if (clipped && e.scrollWidth > e.clientWidth + 1) found.push(`cut: ${name(e)}`);
    const rolls = e.closest('[data-testid="stTable"],[data-testid="stDataFrame"],[role="tablist"],.rc-wide');
    if (!rolls && e.getBoundingClientRect().right > edge + 1) found.push(`beyond the edge: ${name(e)}`);
  }
  const head = main.querySelector('.rc-head'), row = head && head.closest('[data-testid="stHorizontalBlock"]');
  if (row) {
    const answer = head.getBoundingClientRect();
    for (const e of row.querySelectorAll('label,button')) {
      const place = e.getBoundingClientRect();
      const left = place.right <= answer.left + 1 && place.top < answer.bottom;
      if (place.width && (place.bottom <= answer.top + 1 || left)) found.push(`before the answer: ${name(e)}`);
    }
  }
  for (const kind of ['stException', 'stSkeleton', 'stAppSkeleton'])
    if (document.querySelector(`[data-testid="${kind}"]`)) found.push(`shows ${kind}`);
  if (wide)
    for (const table of main.querySelectorAll('.dvn-scroller')) {
      const over = table.scrollWidth - table.clientWidth;
      if (over > 1) found.push(`columns off the edge by ${over} px: ${name(table.closest('[data-testid="stDataFrame"]'))}`);
    }
  return found;
}
