const photos = ['a.jpg', 'b.jpg'];
document.querySelector('output').textContent = await chrome.runtime.sendMessage({ target: 'background', photos });
