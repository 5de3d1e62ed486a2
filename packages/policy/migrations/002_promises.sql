-- What is published never changes again, whoever writes under the application's role; and what explains old verdicts goes after its time.
call policy_app.freeze('pack_versions', 'status', 'published', 'pack_version_id', 'rules');
call policy_app.retain('explanations', 'created_at', 30);
call policy_app.retain('audit', 'occurred_at', 30);
