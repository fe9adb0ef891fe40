"""Step 10 as the demo has it: Access & Security is a section of the profile."""


def test_my_profile_leads_to_access_and_security(sign_in, site):
    assert site.access_and_security in sign_in("specialist").get("/profile/").page.links
