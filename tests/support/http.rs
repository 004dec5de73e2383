//! One request over HTTP, without any proxy, for tests that ask what was deployed.

use anyhow::Result;

/// Gets a URL with these headers; the status and the text.
pub fn get(url: &str, headers: &[(&str, &str)]) -> Result<(u16, String)> {
    send("GET", url, headers, String::new())
}

/// Sends a request with these headers and this body; the status and the text of the answer.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: String) -> Result<(u16, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let request = client.request(method.parse()?, url).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    })
}
